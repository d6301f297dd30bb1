package dev.coxswain.runtime.client;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What discovery tells: all that is served, but for what servers behind the API server did not
 * tell, since one of them that is away must not hide everything else.
 *
 * @param resources every resource, each once, in the preferred version of its group that has it
 * @param failures what went wrong, by the group and version that could not be asked
 */
public record Discovered(List<ServedResource> resources, SortedMap<String, String> failures) {
  public Discovered {
    resources = List.copyOf(resources);
    failures = Collections.unmodifiableSortedMap(new TreeMap<>(failures));
  }

  /** Whether nothing is missing. */
  public boolean complete() {
    return failures.isEmpty();
  }

  /** Whether resources of a group may be missing. */
  public boolean lacks(String group) {
    return failures.keySet().stream().anyMatch(failed -> failed.startsWith(group + "/"));
  }

  /** What is missing and why, in a sentence; empty where nothing is. */
  public String problem() {
    return complete()
        ? ""
        : failures.entrySet().stream()
            .map(failure -> failure.getKey() + ": " + failure.getValue())
            .collect(
                Collectors.joining(
                    ", ", "unable to retrieve the complete list of server APIs: ", ""));
  }
}
