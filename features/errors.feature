Feature: Error Handling
  When what the service leans on dies and comes back, nothing is lost and nothing is done twice.

  Scenario Outline: <what> is killed and restarted while users keep changing
    When <what> is killed and restarted while users keep changing
    Then the fault took effect
    And users sign up as before
    And the books balance

    Examples:
      | what     |
      | Postgres |
      | Redis    |
