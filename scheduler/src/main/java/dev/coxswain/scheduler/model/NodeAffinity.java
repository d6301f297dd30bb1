package dev.coxswain.scheduler.model;

import dev.coxswain.api.selector.Requirement;
import java.util.List;

/**
 * Which nodes a pod asks for, besides its node selector.
 *
 * @param required whether {@code requiredTerms} bind
 * @param requiredTerms one of these must match, where they bind
 * @param preferred what makes a node better
 */
public record NodeAffinity(boolean required, List<Term> requiredTerms, List<Preferred> preferred) {
  /** No wishes. */
  public static final NodeAffinity NONE = new NodeAffinity(false, List.of(), List.of());

  public NodeAffinity {
    requiredTerms = List.copyOf(requiredTerms);
    preferred = List.copyOf(preferred);
  }

  /**
   * A conjunction; without any condition it matches nothing.
   *
   * @param labels conditions on the node's labels
   * @param names conditions on the node's name ({@code matchFields: metadata.name})
   */
  public record Term(List<Requirement> labels, List<Requirement> names) {
    public Term {
      labels = List.copyOf(labels);
      names = List.copyOf(names);
    }

    /** Whether the node satisfies it. */
    public boolean matches(NodeSpec node) {
      if (labels.isEmpty() && names.isEmpty()) {
        return false;
      }
      for (Requirement requirement : labels) {
        if (!requirement.matches(node.labels())) {
          return false;
        }
      }
      for (Requirement requirement : names) {
        if (!requirement.matchesValue(node.name())) {
          return false;
        }
      }
      return true;
    }
  }

  /** A weight, from 1 to 100, and what earns it. */
  public record Preferred(int weight, Term term) {}

  /** Whether the required part, if any, is satisfied. */
  public boolean allows(NodeSpec node) {
    if (!required) {
      return true;
    }
    for (Term term : requiredTerms) {
      if (term.matches(node)) {
        return true;
      }
    }
    return false;
  }
}
