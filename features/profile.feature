Feature: Profile Updates
  A change in Clerk is here within 5 seconds, and never undone by an older one.

  Background:
    Given "Ada" has signed up and is here

  Scenario Outline: A change arrives
    When "Ada" changes <what> in Clerk
    Then the local "Ada" equals Clerk's within 5 seconds
    And the books balance

    Examples:
      | what                   |
      | both names             |
      | the username           |
      | the public metadata    |
      | the e-mail address     |
      | a name to nothing      |

  Scenario: An update that arrives late does not overwrite a newer one
    Given an update of "Ada" that is still on its way
    When "Ada" changes both names in Clerk
    And the local "Ada" equals Clerk's within 5 seconds
    And the update that was on its way arrives
    Then the books balance
