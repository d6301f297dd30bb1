package dev.coxswain.apiserver.admission;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authn.UserInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One write on its way to the store.
 *
 * @param operation what happens to the object
 * @param kind the object's type
 * @param resource the resource that the URL named
 * @param subresource such as {@code status}, {@code binding}; empty for the object itself
 * @param namespace the namespace; empty for a cluster-scoped object
 * @param name the object's name; empty for a create with {@code generateName} that has none yet
 * @param object the object as it is to be stored, decoded and defaulted; a mutating plugin changes
 *     it in place. For a connect the subresource's own options, null for a delete
 * @param oldObject the stored object, not to be changed; null for a create and a connect
 * @param options the request's {@code CreateOptions}, {@code UpdateOptions} or {@code
 *     DeleteOptions}; null where none was sent
 * @param dryRun whether nothing will be stored, so that a plugin must not change anything else
 * @param user who asks
 * @param warnings what the client is told beside the answer; added to on the way
 * @param annotations what is said to who reads the audit log
 */
public record AdmissionRequest(
    Operation operation,
    GroupVersionKind kind,
    GroupResource resource,
    String subresource,
    String namespace,
    String name,
    @Nullable ObjectNode object,
    @Nullable ObjectNode oldObject,
    @Nullable ObjectNode options,
    boolean dryRun,
    UserInfo user,
    List<String> warnings,
    Annotations annotations) {

  /** What happens to the object. */
  public enum Operation {
    CREATE,
    UPDATE,
    DELETE,
    CONNECT
  }

  /** Whether the request is for this resource itself, not for a subresource. */
  public boolean isFor(String group, String plural) {
    return isFor(group, plural, "");
  }

  /** Whether the request is for this subresource. */
  public boolean isFor(String group, String plural, String part) {
    return subresource.equals(part)
        && resource.group().equals(group)
        && resource.resource().equals(plural);
  }
}
