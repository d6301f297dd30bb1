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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** All policies with their bindings; a policy is compiled anew only when it has changed. */
final class Policies {
  private static final String GROUP = "admissionregistration.k8s.io";
  private static final GroupResource POLICIES =
      new GroupResource(GROUP, "validatingadmissionpolicies");
  private static final GroupResource BINDINGS =
      new GroupResource(GROUP, "validatingadmissionpolicybindings");
  private static final Logger log = LoggerFactory.getLogger(Policies.class);

  private final ObjectView view;
  private volatile @Nullable Read last;

  /** A policy that is bound, with its bindings in the order of their names. */
  record Bound(CompiledPolicy policy, List<PolicyBinding> bindings) {}

  private record Known(String spec, CompiledPolicy policy) {}

  private record Read(long policies, long bindings, Map<String, Known> known, List<Bound> bound) {}

  Policies(ObjectView view) {
    this.view = view;
  }

  /** What is bound now. */
  List<Bound> bound() {
    long policies = view.revision(POLICIES);
    long bindings = view.revision(BINDINGS);
    Read read = last;
    if (read == null || read.policies() != policies || read.bindings() != bindings) {
      read = read(policies, bindings, read == null ? Map.of() : read.known());
      last = read;
    }
    return read.bound();
  }

  private Read read(long policies, long bindings, Map<String, Known> before) {
    Map<String, List<PolicyBinding>> byPolicy = new HashMap<>();
    List<ObjectNode> stored = new ArrayList<>(view.list(BINDINGS, ""));
    stored.sort(Comparator.comparing(Policies::name));
    for (ObjectNode one : stored) {
      try {
        PolicyBinding binding = PolicyBinding.of(one);
        byPolicy.computeIfAbsent(binding.policy(), _ -> new ArrayList<>()).add(binding);
      } catch (IllegalArgumentException e) {
        log.warn("{} {} has no effect: {}", BINDINGS, name(one), e.getMessage());
      }
    }
    Map<String, Known> known = new HashMap<>();
    List<Bound> bound = new ArrayList<>();
    if (!byPolicy.isEmpty()) {
      List<ObjectNode> definitions = new ArrayList<>(view.list(POLICIES, ""));
      definitions.sort(Comparator.comparing(Policies::name));
      for (ObjectNode policy : definitions) {
        List<PolicyBinding> here = byPolicy.get(name(policy));
        if (here != null) {
          compile(policy, before)
              .ifPresent(compiled -> {
                known.put(name(policy), compiled);
                bound.add(new Bound(compiled.policy(), List.copyOf(here)));
              });
        }
      }
    }
    return new Read(policies, bindings, known, List.copyOf(bound));
  }

  private static Optional<Known> compile(ObjectNode policy, Map<String, Known> before) {
    String spec = policy.path("spec").toString();
    Known known = before.get(name(policy));
    if (known != null && known.spec().equals(spec)) {
      return Optional.of(known);
    }
    try {
      return Optional.of(new Known(spec, CompiledPolicy.of(policy)));
    } catch (IllegalArgumentException e) {
      log.warn("{} {} has no effect: {}", POLICIES, name(policy), e.getMessage());
      return Optional.empty();
    }
  }

  private static String name(ObjectNode object) {
    return Json.text(object, "metadata", "name");
  }
}
