package dev.coxswain.apiserver.registry;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One column of the table that {@code kubectl get} prints.
 *
 * @param name the heading
 * @param type the JSON type of the cells: {@code string}, {@code integer}, {@code date}, …
 * @param format a refinement, such as {@code name}; may be empty
 * @param description what the column means
 * @param priority 0 is always shown, 1 with {@code -o wide}
 * @param cell makes a cell
 */
public record Column(
    String name, String type, String format, String description, int priority, Cell cell) {

  /** Makes a cell from an object. */
  @FunctionalInterface
  public interface Cell {
    /** A String, Integer, Long or Boolean; null prints as nothing. */
    @Nullable Object of(ObjectNode object, Instant now);
  }
}
