package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Keeps, through the runs of one {@link Rewriting}, who has to see the object once more: those that
 * asked for that and before whose eyes it has been changed by somebody else.
 *
 * @param <K> what tells them apart
 */
public final class Reinvocation<K> {
  /** Those that have seen the object and want to know of later changes. */
  private final Set<K> asked = new HashSet<>();

  /** Those of them that have something new to see. */
  private final Set<K> again = new HashSet<>();

  /** The object as the last run left it; null before the first. */
  private @Nullable JsonNode left;

  private boolean first;

  /** A run begins. */
  public void begin(JsonNode object) {
    first = left == null;
    if (left != null && !Json.same(object, left)) {
      // The server's own plugins have changed it since.
      again.addAll(asked);
    }
  }

  /** Whether it is somebody's turn in this run. */
  public boolean due(K who) {
    return first || again.contains(who);
  }

  /**
   * Somebody has seen the object.
   *
   * @param changed whether he changed it
   * @param reinvocable whether he wants to see what others make of it
   */
  public void seen(K who, boolean changed, boolean reinvocable) {
    if (changed) {
      again.addAll(asked);
    }
    if (reinvocable) {
      asked.add(who);
    }
  }

  /** A run ends. */
  public void end(JsonNode object) {
    left = object.deepCopy();
  }
}
