Feature: Webhook Processing
  Every webhook is acknowledged quickly, processed soon, and accounted for.

  Scenario: A steady load is acknowledged in time and processed in time
    When signed webhooks arrive at a constant rate
    Then the load reached its rate
    And more than 99 % of them succeed
    And 95 % of them are acknowledged within 200 milliseconds
    And 95 % of them are processed within 5 seconds
    And every message is accounted for
    And the books balance

  Scenario: Clerk delivers the same event twice
    Given "Ada" has signed up and is here
    When Clerk delivers the registration of "Ada" 3 more times
    Then the books balance
