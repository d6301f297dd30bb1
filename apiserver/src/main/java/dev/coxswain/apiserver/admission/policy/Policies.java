package dev.coxswain.apiserver.admission.policy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * All policies of one kind with their bindings; a policy is compiled anew only when it has changed.
 *
 * @param <P> a compiled policy
 */
final class Policies<P> {
  private static final String GROUP = "admissionregistration.k8s.io";
  private static final Logger log = LoggerFactory.getLogger(Policies.class);

  private final ObjectView view;
  private final GroupResource policyResource;
  private final GroupResource bindingResource;
  private final Function<ObjectNode, P> compiler;
  private volatile @Nullable Read<P> last;

  /** A policy that is bound, with its bindings in the order of their names. */
  record Bound<P>(P policy, List<PolicyBinding> bindings) {}

  private record Known<P>(String spec, P policy) {}

  private record Read<P>(
      long policies, long bindings, Map<String, Known<P>> known, List<Bound<P>> bound) {}

  private Policies(ObjectView view, String effect, Function<ObjectNode, P> compiler) {
    this.view = view;
    this.policyResource = new GroupResource(GROUP, effect + "admissionpolicies");
    this.bindingResource = new GroupResource(GROUP, effect + "admissionpolicybindings");
    this.compiler = compiler;
  }

  static Policies<CompiledPolicy> validating(ObjectView view) {
    return new Policies<>(view, "validating", CompiledPolicy::of);
  }

  static Policies<MutatingPolicy> mutating(ObjectView view) {
    return new Policies<>(view, "mutating", MutatingPolicy::of);
  }

  /** What is bound now. */
  List<Bound<P>> bound() {
    long policies = view.revision(policyResource);
    long bindings = view.revision(bindingResource);
    Read<P> read = last;
    if (read == null || read.policies() != policies || read.bindings() != bindings) {
      read = read(policies, bindings, read == null ? Map.of() : read.known());
      last = read;
    }
    return read.bound();
  }

  private Read<P> read(long policies, long bindings, Map<String, Known<P>> before) {
    Map<String, List<PolicyBinding>> byPolicy = new HashMap<>();
    List<ObjectNode> stored = new ArrayList<>(view.list(bindingResource, ""));
    stored.sort(Comparator.comparing(Policies::name));
    for (ObjectNode one : stored) {
      try {
        PolicyBinding binding = PolicyBinding.of(one);
        byPolicy.computeIfAbsent(binding.policy(), _ -> new ArrayList<>()).add(binding);
      } catch (IllegalArgumentException e) {
        log.warn("{} {} has no effect: {}", bindingResource, name(one), e.getMessage());
      }
    }
    Map<String, Known<P>> known = new HashMap<>();
    List<Bound<P>> bound = new ArrayList<>();
    if (!byPolicy.isEmpty()) {
      List<ObjectNode> definitions = new ArrayList<>(view.list(policyResource, ""));
      definitions.sort(Comparator.comparing(Policies::name));
      for (ObjectNode policy : definitions) {
        List<PolicyBinding> here = byPolicy.get(name(policy));
        if (here != null) {
          compile(policy, before)
              .ifPresent(compiled -> {
                known.put(name(policy), compiled);
                bound.add(new Bound<>(compiled.policy(), List.copyOf(here)));
              });
        }
      }
    }
    return new Read<>(policies, bindings, known, List.copyOf(bound));
  }

  private Optional<Known<P>> compile(ObjectNode policy, Map<String, Known<P>> before) {
    String spec = policy.path("spec").toString();
    Known<P> known = before.get(name(policy));
    if (known != null && known.spec().equals(spec)) {
      return Optional.of(known);
    }
    try {
      return Optional.of(new Known<>(spec, compiler.apply(policy)));
    } catch (IllegalArgumentException e) {
      log.warn("{} {} has no effect: {}", policyResource, name(policy), e.getMessage());
      return Optional.empty();
    }
  }

  private static String name(ObjectNode object) {
    return Json.text(object, "metadata", "name");
  }
}
