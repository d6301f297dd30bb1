package dev.coxswain.apiserver.admission.policy;

import dev.coxswain.api.fields.AtomicParts;
import dev.coxswain.api.fields.ObjectFields;
import dev.coxswain.api.fields.ObjectMerge;
import dev.coxswain.api.patch.JsonPatch;
import dev.coxswain.api.patch.PatchException;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.admission.policy.Evaluation.Answer;
import dev.coxswain.apiserver.admission.policy.MutatingPolicy.Mutation;
import dev.coxswain.apiserver.cel.Results;
import dev.coxswain.apiserver.cel.Results.UnusableException;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Makes the object that a mutation wants. */
final class MutationRun {
  private MutationRun() {}

  /** The mutation could not be made. The message is upstream's. */
  static final class FailedException extends Exception {
    private static final long serialVersionUID = 1;

    FailedException(String message) {
      super(message);
    }
  }

  /**
   * The object as one mutation wants it; a new one, or the same where nothing is to be changed.
   *
   * @param shape the object's shape
   */
  static ObjectNode of(Mutation mutation, Evaluation evaluation, ObjectNode object, Schema shape)
      throws FailedException {
    Answer answer = evaluation.of(mutation.expression());
    Object value = answer.value();
    if (value == null) {
      throw new FailedException(answer.error());
    }
    try {
      return switch (mutation) {
        case Mutation.Configuration _ -> merged(Results.object(value), object, shape);
        case Mutation.Patch _ -> patched(value, object);
      };
    } catch (UnusableException e) {
      throw new FailedException(String.valueOf(e.getMessage()));
    }
  }

  private static ObjectNode merged(ObjectNode configuration, ObjectNode object, Schema shape)
      throws FailedException {
    for (String field : List.of("apiVersion", "kind")) {
      configuration.set(field, object.path(field));
    }
    List<String> problems = ObjectFields.problems(shape, configuration);
    if (!problems.isEmpty()) {
      throw new FailedException(
          "error applying patch: failed to convert patch object to typed object: "
              + (problems.size() == 1
                  ? problems.getFirst()
                  : "errors:\n  " + String.join("\n  ", problems)));
    }
    List<String> atomic = AtomicParts.of(shape, configuration);
    if (!atomic.isEmpty()) {
      throw new FailedException(
          "error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or"
              + " structs: "
              + String.join(", ", atomic));
    }
    return ObjectMerge.merge(shape, object, configuration).deepCopy();
  }

  private static ObjectNode patched(Object value, ObjectNode object)
      throws FailedException, UnusableException {
    try {
      if (JsonPatch.apply(object.deepCopy(), Results.patch(value)) instanceof ObjectNode patched) {
        return patched;
      }
      throw new FailedException("JSON Patch: the patch makes something else of the object");
    } catch (PatchException e) {
      if (e.isFailedTest()) {
        return object;
      }
      throw new FailedException("JSON Patch: " + e.getMessage());
    }
  }
}
