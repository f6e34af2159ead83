"""What can go wrong between an application and Clerk's API."""
