Feature: User Registration
  Whoever signs up in Clerk is a user here, and the same one.

  Scenario: A user with every field arrives as Clerk has them
    When "Ada" signs up in Clerk with every field filled in
    Then the local "Ada" equals Clerk's within 5 seconds
    And the books balance

  Scenario: A user who gives nothing but an e-mail address arrives
    When "Ben" signs up in Clerk with nothing but an e-mail address
    Then the local "Ben" equals Clerk's within 5 seconds
    And the books balance

  Scenario: Thirty users who sign up at once all arrive
    When 30 users sign up in Clerk at once
    Then the books balance

  Scenario: The e-mail address of a deleted user can sign up again
    Given "Eve" has signed up and is here
    And Clerk has deleted "Eve"
    When "Eva" signs up in Clerk with the e-mail address of "Eve"
    Then the local "Eva" equals Clerk's within 5 seconds
    And the books balance
