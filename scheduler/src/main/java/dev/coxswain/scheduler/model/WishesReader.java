package dev.coxswain.scheduler.model;

import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.api.selector.Requirement;
import dev.coxswain.api.selector.Requirement.Operator;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTerm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads where a pod wants to be out of its spec. */
final class WishesReader {
  private WishesReader() {}

  static Wishes read(String namespace, Map<String, String> labels, PodSpec spec) {
    Affinity affinity = spec.getAffinity() == null ? new Affinity() : spec.getAffinity();
    var near = affinity.getPodAffinity();
    var far = affinity.getPodAntiAffinity();
    Reader reader = new Reader(namespace, labels);
    return new Wishes(
        spec.getNodeSelector() == null ? Map.of() : spec.getNodeSelector(),
        nodeAffinity(affinity.getNodeAffinity()),
        Lists.orEmpty(spec.getTolerations()).stream()
            .map(toleration ->
                new Toleration(
                    text(toleration.getKey()),
                    "Exists".equals(toleration.getOperator()),
                    text(toleration.getValue()),
                    text(toleration.getEffect())))
            .toList(),
        near == null
            ? List.of()
            : reader.terms(near.getRequiredDuringSchedulingIgnoredDuringExecution()),
        far == null
            ? List.of()
            : reader.terms(far.getRequiredDuringSchedulingIgnoredDuringExecution()),
        near == null
            ? List.of()
            : reader.weighted(near.getPreferredDuringSchedulingIgnoredDuringExecution()),
        far == null
            ? List.of()
            : reader.weighted(far.getPreferredDuringSchedulingIgnoredDuringExecution()),
        Lists.orEmpty(spec.getTopologySpreadConstraints()).stream().map(reader::spread).toList());
  }

  private static NodeAffinity nodeAffinity(
      io.fabric8.kubernetes.api.model.@Nullable NodeAffinity affinity) {
    if (affinity == null) {
      return NodeAffinity.NONE;
    }
    var required = affinity.getRequiredDuringSchedulingIgnoredDuringExecution();
    return new NodeAffinity(
        required != null,
        required == null ? List.of() : required(required).requiredTerms(),
        Lists.orEmpty(affinity.getPreferredDuringSchedulingIgnoredDuringExecution()).stream()
            .map(preferred ->
                new NodeAffinity.Preferred(
                    preferred.getWeight(), nodeTerm(preferred.getPreference())))
            .toList());
  }

  /** One of a selector's terms must match. */
  static NodeAffinity required(NodeSelector selector) {
    return new NodeAffinity(
        true,
        Lists.orEmpty(selector.getNodeSelectorTerms()).stream()
            .map(WishesReader::nodeTerm)
            .toList(),
        List.of());
  }

  private static NodeAffinity.Term nodeTerm(NodeSelectorTerm term) {
    return new NodeAffinity.Term(
        requirements(term.getMatchExpressions()), requirements(term.getMatchFields()));
  }

  private static List<Requirement> requirements(
      @Nullable List<NodeSelectorRequirement> requirements) {
    return Lists.orEmpty(requirements).stream()
        .map(one ->
            new Requirement(
                one.getKey(), operator(one.getOperator()), Lists.orEmpty(one.getValues())))
        .toList();
  }

  private static Operator operator(String text) {
    return switch (text) {
      case "In" -> Operator.IN;
      case "NotIn" -> Operator.NOT_IN;
      case "Exists" -> Operator.EXISTS;
      case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
      case "Gt" -> Operator.GREATER_THAN;
      case "Lt" -> Operator.LESS_THAN;
      default -> throw new IllegalArgumentException("operator " + text + " is not known");
    };
  }

  /** A selector of the model classes; absent, it selects nothing. */
  static LabelSelector selector(io.fabric8.kubernetes.api.model.@Nullable LabelSelector selector) {
    return selector == null
        ? LabelSelector.NOTHING
        : new LabelSelector(labelRequirements(selector), false);
  }

  private static List<Requirement> labelRequirements(
      io.fabric8.kubernetes.api.model.LabelSelector selector) {
    List<Requirement> requirements = new ArrayList<>();
    if (selector.getMatchLabels() != null) {
      selector.getMatchLabels().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(label ->
              requirements.add(
                  new Requirement(label.getKey(), Operator.IN, List.of(label.getValue()))));
    }
    for (LabelSelectorRequirement one : Lists.orEmpty(selector.getMatchExpressions())) {
      requirements.add(
          new Requirement(
              one.getKey(), operator(one.getOperator()), Lists.orEmpty(one.getValues())));
    }
    return requirements;
  }

  private static String text(@Nullable String value) {
    return Objects.requireNonNullElse(value, "");
  }

  /** Reads what refers to the pod's own namespace and labels. */
  private record Reader(String namespace, Map<String, String> labels) {

    List<AffinityTerm> terms(@Nullable List<PodAffinityTerm> terms) {
      return Lists.orEmpty(terms).stream().map(this::term).toList();
    }

    List<AffinityTerm.Weighted> weighted(@Nullable List<WeightedPodAffinityTerm> terms) {
      return Lists.orEmpty(terms).stream()
          .map(one -> new AffinityTerm.Weighted(one.getWeight(), term(one.getPodAffinityTerm())))
          .toList();
    }

    private AffinityTerm term(PodAffinityTerm term) {
      List<String> named = Lists.orEmpty(term.getNamespaces());
      return new AffinityTerm(
          term.getTopologyKey(),
          // Neither names nor a selector: the pod's own namespace.
          named.isEmpty() && term.getNamespaceSelector() == null
              ? Set.of(namespace)
              : Set.copyOf(named),
          selector(term.getNamespaceSelector()),
          extended(
              selector(term.getLabelSelector()),
              Lists.orEmpty(term.getMatchLabelKeys()),
              Lists.orEmpty(term.getMismatchLabelKeys())));
    }

    SpreadConstraint spread(TopologySpreadConstraint constraint) {
      return new SpreadConstraint(
          constraint.getMaxSkew(),
          constraint.getTopologyKey(),
          !"ScheduleAnyway".equals(constraint.getWhenUnsatisfiable()),
          extended(
              selector(constraint.getLabelSelector()),
              Lists.orEmpty(constraint.getMatchLabelKeys()),
              List.of()),
          constraint.getMinDomains() == null ? 1 : constraint.getMinDomains(),
          !"Ignore".equals(constraint.getNodeAffinityPolicy()),
          "Honor".equals(constraint.getNodeTaintsPolicy()));
    }

    /** The selector, with the pod's own values of some labels required, or excluded. */
    private LabelSelector extended(
        LabelSelector selector, List<String> same, List<String> different) {
      if (selector.nothing() || (same.isEmpty() && different.isEmpty())) {
        return selector;
      }
      List<Requirement> all = new ArrayList<>(selector.requirements());
      add(all, same, Operator.IN);
      add(all, different, Operator.NOT_IN);
      return new LabelSelector(all, false);
    }

    private void add(List<Requirement> all, List<String> keys, Operator operator) {
      for (String key : keys) {
        String value = labels.get(key);
        if (value != null) {
          Requirement requirement = new Requirement(key, operator, List.of(value));
          // The API server may have merged it already.
          if (!all.contains(requirement)) {
            all.add(requirement);
          }
        }
      }
    }
  }
}
