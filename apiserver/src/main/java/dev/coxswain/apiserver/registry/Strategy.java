package dev.coxswain.apiserver.registry;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rules of one kind. The request path calls, for a create: {@link #prepareForCreate}, {@link
 * #fillDefaults}, (admission), {@link #completeForCreate}, {@link #validate}, {@link #warnings};
 * for an update {@link #fillDefaults}, {@link #prepareForUpdate}, (admission), {@link
 * #validateUpdate}; through {@code /status} {@link #fillDefaults}, {@link #prepareForStatusUpdate},
 * {@link #validateStatusUpdate}. The metadata that all kinds share (names, uid, timestamps, labels,
 * ownerReferences) is the request path's. Every method is called from many threads; objects belong
 * to the caller's.
 */
public interface Strategy {
  /** Clears what a client may not set on create, such as the status; sets generation 1. */
  default void prepareForCreate(ObjectNode object) {}

  /**
   * Adds to a new object what follows from the rest of it, once admission has had its say.
   * Idempotent.
   */
  default void completeForCreate(ObjectNode object) {}

  /**
   * Carries over from {@code old} what an update through the main path may not touch, such as the
   * status, and raises the generation when what is wanted changed.
   */
  default void prepareForUpdate(ObjectNode object, ObjectNode old) {}

  /** Carries over from {@code old} everything but the status. */
  default void prepareForStatusUpdate(ObjectNode object, ObjectNode old) {}

  /** Fills in what was left out. Idempotent. */
  default void fillDefaults(ObjectNode object) {}

  /** What is wrong with a new object. */
  default List<FieldError> validate(ObjectNode object) {
    return List.of();
  }

  /** What is wrong with an object that is to replace {@code old}, by itself or as a change. */
  default List<FieldError> validateUpdate(ObjectNode object, ObjectNode old) {
    return validate(object);
  }

  /** What is wrong with a status that is to replace {@code old}'s. */
  default List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
    return List.of();
  }

  /** What is allowed but unwise: sent as warning headers. {@code old} is null on create. */
  default List<String> warnings(ObjectNode object, @Nullable ObjectNode old) {
    return List.of();
  }

  /** Whether a PUT (or apply) to a name that does not exist creates it. */
  default boolean mayCreateOnUpdate() {
    return false;
  }

  /** Whether an update without a resourceVersion is applied to whatever is current. */
  default boolean mayUpdateUnconditionally() {
    return true;
  }

  /**
   * For how long a deleted object lingers so that its holder can let go of it, in seconds; 0
   * removes at once (finalizers aside).
   *
   * @param requested what the client asked for; null where it said nothing
   */
  default long deletionGraceSeconds(ObjectNode object, @Nullable Long requested) {
    return 0;
  }

  /** Called when an object gets its deletionTimestamp. */
  default void markDeleted(ObjectNode object) {}

  /**
   * Whether an object with a deletionTimestamp, no metadata finalizers and no grace left may be
   * removed. A namespace says no while its {@code spec.finalizers} has entries.
   */
  default boolean mayBeRemoved(ObjectNode object) {
    return true;
  }

  /** What garbage collection does to dependents when the client does not say. */
  default Propagation defaultPropagation() {
    return Propagation.BACKGROUND;
  }

  /** What happens to the objects that this one owns. */
  enum Propagation {
    BACKGROUND,
    ORPHAN
  }
}
