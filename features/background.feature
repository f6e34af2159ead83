Feature: Background Tasks
  What was acknowledged is worked off within its limits, whatever happens to the workers.

  Scenario: Tasks end within their limits
    When 50 users sign up in Clerk at once
    Then everything acknowledged is worked off within 10 seconds
    And the books balance

  Scenario: Work that was under way when the worker was killed is finished
    When the worker is killed and restarted while users keep changing
    Then the fault took effect
    And everything acknowledged is worked off within 20 seconds
    And the books balance
