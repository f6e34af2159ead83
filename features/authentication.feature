Feature: User Authentication
  A genuine session token lets its user in; nothing else lets anybody in.

  Background:
    Given "Ada" has signed up and is here

  Scenario: A valid token lets its user in
    When "Ada" shows a valid token
    Then "Ada" is let in as herself
    And the books balance

  Scenario Outline: A token that is not genuine is refused
    When "Ada" shows <token>
    Then "Ada" is refused with 401
    And a valid token still lets "Ada" in
    And the books balance

    Examples:
      | token                           |
      | an expired token                |
      | a tampered token                |
      | a token signed by another key   |
      | a token of another issuer       |
      | an unsigned token               |
      | no token at all                 |
