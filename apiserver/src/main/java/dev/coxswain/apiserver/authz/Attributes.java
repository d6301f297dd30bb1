package dev.coxswain.apiserver.authz;

import dev.coxswain.api.selector.FieldSelector;
import dev.coxswain.apiserver.authn.UserInfo;
import java.util.List;

/**
 * What a request wants, as authorization sees it.
 *
 * @param user who asks
 * @param verb {@code get}, {@code list}, {@code watch}, {@code create}, {@code update}, {@code
 *     patch}, {@code delete}, {@code deletecollection}, or another word such as {@code bind}; for a
 *     path that is not a resource the HTTP method in lower case
 * @param resourceRequest whether the fields from {@code group} to {@code name} apply, or {@code
 *     path}
 * @param group the API group; empty for the core group
 * @param version the version within the group
 * @param resource the plural
 * @param subresource such as {@code status}; empty for the object itself
 * @param namespace the namespace; empty for cluster-scoped resources and lists over all namespaces
 * @param name the object's name; empty where the request names none
 * @param path the URL path, such as {@code /healthz}
 * @param fields the conditions on fields by which a list, watch or deletecollection is limited;
 *     what could not be understood is left out, so that the request counts as less limited than it
 *     is
 */
public record Attributes(
    UserInfo user,
    String verb,
    boolean resourceRequest,
    String group,
    String version,
    String resource,
    String subresource,
    String namespace,
    String name,
    String path,
    List<FieldSelector.Term> fields) {

  public Attributes {
    fields = List.copyOf(fields);
  }

  /** Attributes of a request that no field limits. */
  public Attributes(
      UserInfo user,
      String verb,
      boolean resourceRequest,
      String group,
      String version,
      String resource,
      String subresource,
      String namespace,
      String name,
      String path) {
    this(
        user,
        verb,
        resourceRequest,
        group,
        version,
        resource,
        subresource,
        namespace,
        name,
        path,
        List.of());
  }

  /** The same by another verb. */
  public Attributes withVerb(String other) {
    return with(other, fields);
  }

  /** The same, limited by conditions on fields. */
  public Attributes limitedTo(List<FieldSelector.Term> terms) {
    return with(verb, terms);
  }

  private Attributes with(String otherVerb, List<FieldSelector.Term> otherFields) {
    return new Attributes(
        user,
        otherVerb,
        resourceRequest,
        group,
        version,
        resource,
        subresource,
        namespace,
        name,
        path,
        otherFields);
  }

  /** {@code pods} or {@code pods/log}, as rules spell it. */
  public String resourceWithSubresource() {
    return subresource.isEmpty() ? resource : resource + "/" + subresource;
  }
}
