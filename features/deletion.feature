Feature: User Deletion
  Whoever is deleted in Clerk is out: inactive here, and refused with whatever they still hold.

  Scenario: A deleted user is inactive, and their still valid token is refused
    Given "Ada" has signed up and is here
    And "Ada" holds a valid token that lets her in
    When Clerk deletes "Ada"
    Then the local "Ada" is inactive within 5 seconds
    And the token that "Ada" still holds is refused
    And the books balance

  Scenario: An update that arrives after the deletion does not bring the user back
    Given "Ben" has signed up and is here
    And an update of "Ben" that is still on its way
    When Clerk deletes "Ben"
    And the local "Ben" is inactive within 5 seconds
    And the update that was on its way arrives
    Then the local "Ben" is inactive within 5 seconds
    And the books balance

  Scenario: A deletion that overtakes the registration wins
    Given the registration of "Cleo" is still on its way
    When Clerk deletes "Cleo"
    And the registration that was on its way arrives
    Then the local "Cleo" is inactive within 5 seconds
    And the books balance
