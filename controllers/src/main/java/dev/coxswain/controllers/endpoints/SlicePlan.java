package dev.coxswain.controllers.endpoints;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How to spread endpoints over slices with the fewest writes: an endpoint stays where it is, a new
 * one goes where a write is due anyhow, then where there is room, then into new slices.
 */
final class SlicePlan {
  /** Most endpoints in one slice: what one change sends to every node. */
  static final int MAXIMUM = 100;

  private SlicePlan() {}

  /** A slice as it should be; the index is that of the existing slice, empty for a new one. */
  record Slice(Optional<Integer> existing, List<Endpoint> endpoints, boolean changed) {}

  /**
   * Plans one group: the same address type and the same ports.
   *
   * @param existing the endpoints of each existing slice
   * @param wanted what there should be
   */
  static List<Slice> plan(List<List<Endpoint>> existing, List<Endpoint> wanted) {
    Map<String, Endpoint> unplaced = new LinkedHashMap<>();
    wanted.forEach(endpoint -> unplaced.put(identity(endpoint), endpoint));
    var drafts = new ArrayList<Draft>();
    for (int i = 0; i < existing.size(); i++) {
      drafts.add(Draft.kept(i, existing.get(i), unplaced));
    }
    place(drafts, unplaced, true);
    place(drafts, unplaced, false);
    var rest = new ArrayList<>(unplaced.values());
    for (int from = 0; from < rest.size(); from += MAXIMUM) {
      var draft = new Draft(Optional.empty());
      draft.endpoints.addAll(rest.subList(from, Math.min(rest.size(), from + MAXIMUM)));
      draft.changed = true;
      drafts.add(draft);
    }
    return drafts.stream()
        .map(draft -> new Slice(draft.existing, List.copyOf(draft.endpoints), draft.changed))
        .toList();
  }

  /** Fills the fullest first, so that few slices stay half empty. */
  private static void place(
      List<Draft> drafts, Map<String, Endpoint> unplaced, boolean changedOnly) {
    drafts.stream()
        .filter(draft -> draft.changed == changedOnly)
        .sorted(Comparator.comparingInt((Draft draft) -> -draft.endpoints.size()))
        .forEach(draft -> {
          while (draft.endpoints.size() < MAXIMUM && !unplaced.isEmpty()) {
            String next = unplaced.keySet().iterator().next();
            draft.endpoints.add(unplaced.remove(next));
            draft.changed = true;
          }
        });
  }

  /** An endpoint is the same one while it is the same pod's same address. */
  private static String identity(Endpoint endpoint) {
    var target = endpoint.getTargetRef();
    return endpoint.getAddresses() + "/" + (target == null ? "" : target.getUid());
  }

  private static final class Draft {
    private final Optional<Integer> existing;
    private final List<Endpoint> endpoints = new ArrayList<>();
    private boolean changed;

    Draft(Optional<Integer> existing) {
      this.existing = existing;
    }

    static Draft kept(int index, List<Endpoint> current, Map<String, Endpoint> unplaced) {
      var draft = new Draft(Optional.of(index));
      for (Endpoint endpoint : current) {
        Endpoint wanted = unplaced.remove(identity(endpoint));
        if (wanted != null) {
          draft.endpoints.add(wanted);
        }
      }
      draft.changed = !draft.endpoints.equals(current);
      return draft;
    }
  }
}
