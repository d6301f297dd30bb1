package dev.coxswain.apiserver.audit;

import dev.coxswain.apiserver.authz.Attributes;
import java.util.List;
import java.util.Set;

/**
 * What is told of which requests: the first rule that matches a request decides.
 *
 * @param omitStages the stages that are never told, whatever a rule says
 */
record AuditPolicy(List<AuditRule> rules, Set<Stage> omitStages, boolean omitManagedFields) {

  /**
   * What is told of one request.
   *
   * @param omitStages the stages at which nothing is told
   */
  record Verdict(Level level, Set<Stage> omitStages, boolean omitManagedFields) {
    static final Verdict NOTHING = new Verdict(Level.NONE, Set.of(), false);

    boolean tells(Stage stage) {
      return level != Level.NONE && !omitStages.contains(stage);
    }
  }

  Verdict judge(Attributes attributes) {
    for (AuditRule rule : rules) {
      if (rule.matches(attributes)) {
        Boolean own = rule.omitManagedFields();
        return new Verdict(
            rule.level().atMost(limit(attributes)),
            rule.omitStages(),
            own == null ? omitManagedFields : own);
      }
    }
    return Verdict.NOTHING;
  }

  /** Tokens never come into the log, whatever the policy says of the bodies that hold them. */
  private static Level limit(Attributes attributes) {
    boolean tokens =
        switch (attributes.resourceWithSubresource()) {
          case "serviceaccounts/token", "tokenreviews" -> true;
          default -> false;
        };
    return tokens ? Level.METADATA : Level.REQUEST_RESPONSE;
  }
}
