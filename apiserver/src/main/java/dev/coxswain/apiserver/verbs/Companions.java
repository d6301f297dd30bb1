package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.storage.StoreWrite;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * What must be stored in the same transaction as an object: the addresses and ports that a Service
 * takes, so that several API servers never give out the same one.
 */
public interface Companions {
  /** Nothing but the object. */
  Companions NONE =
      new Companions() {
        @Override
        public Plan create(ResourceType type, ObjectKey key, ObjectNode object, int attempt) {
          return Plan.NOTHING;
        }

        @Override
        public Plan update(
            ResourceType type, ObjectKey key, ObjectNode object, ObjectNode old, int attempt) {
          return Plan.NOTHING;
        }

        @Override
        public Plan delete(ResourceType type, ObjectKey key, ObjectNode old) {
          return Plan.NOTHING;
        }
      };

  /** Both of two. */
  static Companions both(Companions one, Companions other) {
    return new Companions() {
      @Override
      public Plan create(ResourceType type, ObjectKey key, ObjectNode object, int attempt) {
        return Plan.both(
            one.create(type, key, object, attempt), other.create(type, key, object, attempt));
      }

      @Override
      public Plan update(
          ResourceType type, ObjectKey key, ObjectNode object, ObjectNode old, int attempt) {
        return Plan.both(
            one.update(type, key, object, old, attempt),
            other.update(type, key, object, old, attempt));
      }

      @Override
      public Plan delete(ResourceType type, ObjectKey key, ObjectNode old) {
        return Plan.both(one.delete(type, key, old), other.delete(type, key, old));
      }
    };
  }

  /** Completes a new object; called again when what it took had been taken meanwhile. */
  Plan create(ResourceType type, ObjectKey key, ObjectNode object, int attempt);

  /** Completes a changed object. */
  Plan update(ResourceType type, ObjectKey key, ObjectNode object, ObjectNode old, int attempt);

  /** Gives back what a deleted object held. */
  Plan delete(ResourceType type, ObjectKey key, ObjectNode old);

  /** What is to be stored with the object. */
  interface Plan {
    /** Nothing. */
    Plan NOTHING = List::of;

    /** Both of two. */
    static Plan both(Plan one, Plan other) {
      if (one.writes().isEmpty() || other.writes().isEmpty()) {
        return one.writes().isEmpty() ? other : one;
      }
      List<StoreWrite> writes = new ArrayList<>(one.writes());
      writes.addAll(other.writes());
      return new Plan() {
        @Override
        public List<StoreWrite> writes() {
          return writes;
        }

        @Override
        public void conflict(ObjectNode object, Set<String> taken) {
          one.conflict(object, taken);
          other.conflict(object, taken);
        }

        @Override
        public ApiException failure() {
          return other.failure();
        }
      };
    }

    /** The further writes. */
    List<StoreWrite> writes();

    /**
     * Called when keys of the writes were taken by others meanwhile: takes back from the object
     * what was chosen, so that the next attempt chooses anew, or throws when there is no other
     * choice.
     */
    default void conflict(ObjectNode object, Set<String> taken) {}

    /** Why it is given up after many attempts. */
    default ApiException failure() {
      return new ApiException(
          StatusReason.INTERNAL_ERROR, "the store changed too often while the object was written");
    }
  }
}
