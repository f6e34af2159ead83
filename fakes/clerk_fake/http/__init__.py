"""HTTP as the faces see it: requests, routes, who asks, and answers; also the one error handler."""
