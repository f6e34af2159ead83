Feature: Security
  Nobody but Clerk changes anything, and nothing that they send breaks the service.

  Background:
    Given "Ada" has signed up and is here

  Scenario Outline: A webhook that Clerk did not sign is refused
    When somebody sends a deletion of "Ada" with <signature>
    Then it is refused with 4xx
    And "Ada" is as she was
    And the books balance

    Examples:
      | signature                                |
      | a bad signature                          |
      | no signature                             |
      | no headers at all                        |
      | the signature of another message         |
      | a good signature that is ten minutes old |
      | a timestamp that is not a number         |
      | a signature that is not base64           |

  Scenario: A captured delivery that is sent again at once changes nothing
    When somebody sends the captured registration of "Ada" again
    Then "Ada" is as she was
    And the books balance

  Scenario Outline: A malformed body is refused and never breaks the service
    When somebody who knows the secret sends <body>
    Then it is refused with 4xx
    And "Ada" is as she was
    And the books balance

    Examples:
      | body                        |
      | an empty body               |
      | a body that is not JSON     |
      | a body that is not UTF-8    |
      | a JSON list                 |
      | an object without a type    |
      | a megabyte of text          |
