package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.InvalidObject;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.ApiRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What accompanies a write.
 *
 * @param user who asks
 * @param dryRun whether everything happens but the storing
 * @param fieldManager who is said to own what is written; may be empty
 * @param options the options object that was sent; null where there was none
 * @param warnings what the client is told beside the answer; added to on the way
 * @param annotations what is said to who reads the audit log
 */
public record WriteContext(
    UserInfo user,
    boolean dryRun,
    String fieldManager,
    @Nullable ObjectNode options,
    List<String> warnings,
    Annotations annotations) {

  private static final String DELETE_OPTIONS = "DeleteOptions";

  /** What may be said of unknown fields. */
  private static final List<String> VALIDATIONS = List.of("", "Ignore", "Strict", "Warn");

  /** Longest name of a field manager, in bytes. */
  private static final int MAXIMUM_MANAGER = 128;

  /**
   * What accompanies a request.
   *
   * @param options what came in the body; null where options are in the query alone
   * @throws dev.coxswain.api.status.ApiException where its parameters make no sense
   */
  static WriteContext of(ApiRequest request, @Nullable ObjectNode options) {
    List<String> dryRun = new ArrayList<>(request.query().all("dryRun"));
    if (options != null) {
      options.path("dryRun").forEach(value -> dryRun.add(value.asString("")));
    }
    for (String value : dryRun) {
      if (!value.isEmpty() && !value.equals("All")) {
        throw invalid(request, FieldError.notSupported("dryRun", value, List.of("All")));
      }
    }
    String validation = request.query().text("fieldValidation");
    if (!request.info().verb().startsWith("delete") && !VALIDATIONS.contains(validation)) {
      throw invalid(request, FieldError.notSupported("fieldValidation", validation, VALIDATIONS));
    }
    String manager = request.query().text("fieldManager");
    if (manager.getBytes(StandardCharsets.UTF_8).length > MAXIMUM_MANAGER) {
      throw invalid(request, FieldError.tooLong("fieldManager", MAXIMUM_MANAGER));
    }
    if (!manager.chars().allMatch(WriteContext::printable)) {
      throw invalid(
          request,
          FieldError.invalid("fieldManager", manager, "should only contain printable characters"));
    }
    return new WriteContext(
        request.user(),
        dryRun.contains("All"),
        manager.isEmpty() ? program(request.http().header("User-Agent")) : manager,
        options == null ? given(manager, validation) : options,
        new ArrayList<>(),
        request.annotations());
  }

  /** The options object that a query stands for. */
  private static ObjectNode given(String manager, String validation) {
    ObjectNode options = Json.object();
    if (!manager.isEmpty()) {
      options.put("fieldManager", manager);
    }
    if (!validation.isEmpty()) {
      options.put("fieldValidation", validation);
    }
    return options;
  }

  /** What accompanies a connection, whose parameters are for who is at its other end. */
  static WriteContext connecting(ApiRequest request) {
    return new WriteContext(
        request.user(), false, "", null, new ArrayList<>(), request.annotations());
  }

  /**
   * The same, as a dry run where options that came within the body ask for one.
   *
   * @throws dev.coxswain.api.status.ApiException where they ask for something else
   */
  public WriteContext within(ObjectNode deleteOptions) {
    boolean asked = dryRun;
    for (JsonNode value : deleteOptions.path("dryRun")) {
      if (!value.asString("").equals("All")) {
        throw invalid(FieldError.notSupported("dryRun", value.asString(""), List.of("All")));
      }
      asked = true;
    }
    return new WriteContext(user, asked, fieldManager, options, warnings, annotations);
  }

  /**
   * What the admission plugins are asked: a write of this context.
   *
   * @param object as it is to be; null for a delete
   * @param old as it is stored; null where nothing is
   */
  AdmissionRequest admission(
      Operation operation, Target target, @Nullable ObjectNode object, @Nullable ObjectNode old) {
    return new AdmissionRequest(
        operation,
        target.kind(),
        target.resource(),
        target.subresource(),
        target.key().namespace(),
        target.key().name(),
        object,
        old,
        options,
        dryRun,
        user,
        warnings,
        annotations);
  }

  /**
   * What a write is aimed at.
   *
   * @param kind of what was sent, which for a subresource may be another than the object's
   * @param subresource empty for the object itself
   */
  record Target(GroupVersionKind kind, GroupResource resource, String subresource, ObjectKey key) {
    static Target of(ResourceType type, String subresource, ObjectKey key) {
      return new Target(type.kind(), type.resource(), subresource, key);
    }
  }

  private static boolean printable(int character) {
    return !Character.isISOControl(character);
  }

  /** As upstream names who does not name itself: the User-Agent up to its first slash. */
  private static String program(String userAgent) {
    String name = userAgent.split("/", 2)[0];
    return name.length() > MAXIMUM_MANAGER ? name.substring(0, MAXIMUM_MANAGER) : name;
  }

  /** The 422 for an option. */
  static ApiException invalid(ApiRequest request, FieldError error) {
    String kind =
        switch (request.info().verb()) {
          case "create" -> "CreateOptions";
          case "patch" -> "PatchOptions";
          case "update" -> "UpdateOptions";
          default -> DELETE_OPTIONS;
        };
    return invalid(kind, error);
  }

  /** The 422 for an option of a delete. */
  static ApiException invalid(FieldError error) {
    return invalid(DELETE_OPTIONS, error);
  }

  private static ApiException invalid(String kind, FieldError error) {
    return new ApiException(
        InvalidObject.status(new GroupVersionKind("meta.k8s.io", "v1", kind), "", List.of(error)));
  }

  /** For what the API server writes on its own account. */
  public static WriteContext internal() {
    return new WriteContext(
        UserInfo.API_SERVER, false, "kube-apiserver", null, new ArrayList<>(), Annotations.NONE);
  }
}
