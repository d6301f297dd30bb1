package dev.coxswain.apiserver.admission.webhook;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authn.UserJson;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.ServedVersions;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.schema.MalformedObjectException;
import dev.coxswain.apiserver.schema.ObjectDecoder;
import dev.coxswain.apiserver.verbs.ScaleView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A request as webhooks see it: by its own version of the resource, or by an equivalent one. */
public final class Subject {
  private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");
  private static final GroupVersionKind SCALE = new GroupVersionKind("autoscaling", "v1", "Scale");

  /** What could lock everybody out if webhooks were asked about it. */
  private static final Set<String> EXEMPT =
      Set.of(
          "mutatingwebhookconfigurations",
          "validatingwebhookconfigurations",
          "validatingadmissionpolicies",
          "validatingadmissionpolicybindings",
          "mutatingadmissionpolicies",
          "mutatingadmissionpolicybindings");

  private final AdmissionRequest request;
  private final ResourceType type;
  private final Subresource.@Nullable Scale scale;

  private Subject(AdmissionRequest request, ResourceType type, Subresource.@Nullable Scale scale) {
    this.request = request;
    this.type = type;
    this.scale = scale;
  }

  /** The request; empty where webhooks have no say in it. */
  public static Optional<Subject> of(AdmissionRequest request, ResourceRegistry registry) {
    GroupResource resource = request.resource();
    boolean exempt =
        resource.group().equals("admissionregistration.k8s.io")
            && EXEMPT.contains(resource.resource());
    // What the server writes on its own account is not somebody's request.
    if (exempt || request.user().equals(UserInfo.API_SERVER)) {
      return Optional.empty();
    }
    ResourceType type =
        registry
            .find(request.kind())
            .filter(found -> found.resource().equals(resource))
            .orElseGet(() -> registry.versions(resource).stream().findFirst().orElse(null));
    if (type == null) {
      return Optional.empty();
    }
    Subresource below = type.subresource(request.subresource()).orElse(null);
    boolean posted = below instanceof Subresource.Action || below instanceof Subresource.Connect;
    if (posted && request.operation() == Operation.UPDATE) {
      // The consequence of what was posted, about which they have been asked.
      return Optional.empty();
    }
    return Optional.of(
        new Subject(request, type, below instanceof Subresource.Scale scaled ? scaled : null));
  }

  /** The request as the server knows it. */
  public AdmissionRequest request() {
    return request;
  }

  /** The version of the resource by which a webhook is asked; empty where it is not. */
  public Optional<ResourceType> matched(
      Criteria criteria, ResourceRegistry registry, ClusterObjects objects) {
    Optional<ResourceType> form = form(criteria, registry);
    boolean selected = form.isPresent() && inNamespace(criteria, objects) && isSelected(criteria);
    return selected ? form : Optional.empty();
  }

  private Optional<ResourceType> form(Criteria criteria, ResourceRegistry registry) {
    List<ResourceType> candidates = new ArrayList<>(List.of(type));
    if (criteria.equivalent()) {
      candidates.addAll(ServedVersions.others(registry, type));
    }
    if (means(criteria.excluded(), candidates).isPresent()) {
      return Optional.empty();
    }
    return means(criteria.rules(), candidates);
  }

  private Optional<ResourceType> means(List<RequestRule> rules, List<ResourceType> candidates) {
    for (ResourceType candidate : candidates) {
      RequestRule.About about = about(candidate);
      if (rules.stream().anyMatch(rule -> rule.matches(about))) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  private RequestRule.About about(ResourceType form) {
    return new RequestRule.About(
        request.operation().name(),
        form.kind().group(),
        form.kind().version(),
        form.plural(),
        request.subresource(),
        request.namespace(),
        request.name());
  }

  private boolean inNamespace(Criteria criteria, ClusterObjects objects) {
    boolean isNamespace = request.resource().equals(NAMESPACES);
    if (criteria.namespaces().everything() || (request.namespace().isEmpty() && !isNamespace)) {
      return true;
    }
    JsonNode namespace;
    if (isNamespace) {
      namespace = request.object() != null ? request.object() : request.oldObject();
    } else {
      namespace =
          objects
              .find(NAMESPACES, ObjectKey.cluster(request.namespace()))
              .orElseThrow(() -> Failures.notFound(NAMESPACES, request.namespace()));
    }
    return criteria.namespaces().matchesNode(labels(namespace));
  }

  private boolean isSelected(Criteria criteria) {
    return criteria.objects().everything()
        || isSelected(criteria, request.object())
        || isSelected(criteria, request.oldObject());
  }

  private boolean isSelected(Criteria criteria, @Nullable ObjectNode object) {
    if (object == null || !object.path("metadata").isObject()) {
      return false;
    }
    // A scale, which is what is shown, does not bear the labels of what it is the scale of.
    return criteria.objects().matchesNode(scale == null ? labels(object) : Json.object());
  }

  private static JsonNode labels(@Nullable JsonNode object) {
    JsonNode labels = object == null ? Json.object() : Json.at(object, "metadata", "labels");
    return labels.isObject() ? labels : Json.object();
  }

  /** The object in a version; a scale where the request is about one. Null where there is none. */
  public @Nullable ObjectNode object(ResourceType form) {
    return in(form, request.object());
  }

  private @Nullable ObjectNode in(ResourceType form, @Nullable ObjectNode object) {
    if (object == null) {
      return null;
    }
    if (scale != null) {
      return ScaleView.of(scale, object);
    }
    return form.equals(type) ? object : ServedVersions.convert(object, type, form);
  }

  /** The shape of what {@link #object} gives. */
  public Schema shape(ResourceType form) {
    boolean whole = scale == null && request.kind().equals(type.kind());
    return whole ? form.schema() : Schema.anything();
  }

  /**
   * Puts a patched object in the place of the request's.
   *
   * @return whether that changed anything
   * @throws ApiException where it has no longer the shape of its kind
   */
  public boolean replace(ResourceType form, ObjectNode patched) {
    ObjectNode object = request.object();
    if (object == null) {
      throw new IllegalStateException("there is no object to replace");
    }
    ObjectNode before = object.deepCopy();
    if (scale != null) {
      ScaleView.apply(scale, patched, object);
    } else {
      ObjectNode settled = settled(form, patched);
      object.removeAll();
      object.setAll(form.equals(type) ? settled : ServedVersions.convert(settled, form, type));
    }
    return !Json.same(before, object);
  }

  /** What is no part of the kind is dropped, and what is left out is filled in. */
  private ObjectNode settled(ResourceType form, ObjectNode patched) {
    boolean whole = request.kind().equals(type.kind());
    if (!whole) {
      return patched;
    }
    try {
      ObjectNode settled = ObjectDecoder.decode(patched, form.schema()).object();
      form.strategy().fillDefaults(settled);
      return settled;
    } catch (MalformedObjectException e) {
      throw new ApiException(
          StatusReason.INTERNAL_ERROR, "Internal error occurred: " + e.getMessage());
    }
  }

  /** What a webhook is told of the request. */
  public ObjectNode review(ResourceType form, String uid) {
    ObjectNode review = Json.object();
    review.put("uid", uid);
    kind(review.putObject("kind"), form);
    resource(review.putObject("resource"), form);
    text(review, "subResource", request.subresource());
    kind(review.putObject("requestKind"), type);
    resource(review.putObject("requestResource"), type);
    text(review, "requestSubResource", request.subresource());
    text(review, "name", request.name());
    boolean isNamespace = request.resource().equals(NAMESPACES);
    text(review, "namespace", isNamespace ? request.name() : request.namespace());
    review.put("operation", request.operation().name());
    review.set("userInfo", UserJson.of(request.user()));
    review.set("object", in(form, request.object()));
    review.set("oldObject", in(form, request.oldObject()));
    review.put("dryRun", request.dryRun());
    review.set("options", options());
    return review;
  }

  private void kind(ObjectNode node, ResourceType form) {
    GroupVersionKind kind =
        scale != null ? SCALE : request.kind().equals(type.kind()) ? form.kind() : request.kind();
    node.put("group", kind.group()).put("version", kind.version()).put("kind", kind.kind());
  }

  private static void resource(ObjectNode node, ResourceType form) {
    node.put("group", form.kind().group())
        .put("version", form.kind().version())
        .put("resource", form.plural());
  }

  private @Nullable ObjectNode options() {
    String kind =
        switch (request.operation()) {
          case CREATE -> "CreateOptions";
          case UPDATE -> "UpdateOptions";
          case DELETE -> "DeleteOptions";
          case CONNECT -> "";
        };
    if (kind.isEmpty()) {
      return null;
    }
    ObjectNode options = Json.object();
    options.put("kind", kind).put("apiVersion", "meta.k8s.io/v1");
    if (request.dryRun()) {
      options.putArray("dryRun").add("All");
    }
    if (request.options() != null) {
      request
          .options()
          .properties()
          .forEach(option -> {
            if (!options.has(option.getKey())) {
              options.set(option.getKey(), option.getValue());
            }
          });
    }
    return options;
  }

  private static void text(ObjectNode node, String field, String value) {
    if (!value.isEmpty()) {
      node.put(field, value);
    }
  }
}
