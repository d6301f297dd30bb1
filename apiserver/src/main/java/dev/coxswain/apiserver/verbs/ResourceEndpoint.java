package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.registry.Verb;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Endpoint;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.request.Query;
import dev.coxswain.apiserver.request.RequestInfo;
import dev.coxswain.apiserver.request.ReviewHandler;
import dev.coxswain.apiserver.request.StatusJson;
import dev.coxswain.apiserver.verbs.WriteContext.Target;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.Selection;
import dev.coxswain.apiserver.watch.WatchCache;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Answers every request that is about a resource, by the resource's declaration. */
public final class ResourceEndpoint implements Endpoint {

  private final ResourceRegistry registry;
  private final WatchCache cache;
  private final ObjectReader reader;
  private final ObjectWriter writer;
  private final ObjectDeleter deleter;
  private final WatchVerb watch;
  private final Responses responses;
  private final Ownership ownership;
  private final ScaleVerb scales;
  private final Authorizer authorizer;
  private final Admission admission;
  private LateTypes late = (group, version, plural) -> Optional.empty();
  private final Map<String, ReviewHandler> reviews = new LinkedHashMap<>();
  private final Map<String, ActionHandler> actions = new LinkedHashMap<>();
  private final Map<String, ConnectHandler> connects = new LinkedHashMap<>();
  private final Map<GroupResource, DerivedKind> derived = new LinkedHashMap<>();
  private final Map<GroupResource, MadeKind> made = new LinkedHashMap<>();

  /** An endpoint for the resources of a registry. */
  public ResourceEndpoint(
      ResourceRegistry registry,
      WatchCache cache,
      ObjectReader reader,
      WriteServices services,
      Authorizer authorizer) {
    this.registry = registry;
    this.cache = cache;
    this.reader = reader;
    this.writer = new ObjectWriter(services);
    this.ownership = services.ownership();
    this.authorizer = authorizer;
    this.admission = services.admission();
    this.deleter = new ObjectDeleter(services);
    this.responses = new Responses(new Tables(services.time()));
    this.scales = new ScaleVerb(reader, writer, ownership, responses);
    this.watch = new WatchVerb(registry, cache, responses, services.time(), services.randomness());
  }

  /** Writes objects as requests do. */
  public ObjectWriter writer() {
    return writer;
  }

  /** Deletes objects as requests do. */
  public ObjectDeleter deleter() {
    return deleter;
  }

  /** Adds the handler of a resource (and subresource, where not empty) that stores nothing. */
  public ResourceEndpoint review(
      GroupResource resource, String subresource, ReviewHandler handler) {
    reviews.put(handlerKey(resource, subresource), handler);
    return this;
  }

  /** Adds the handler of what is posted to a subresource. */
  public ResourceEndpoint action(
      GroupResource resource, String subresource, ActionHandler handler) {
    actions.put(handlerKey(resource, subresource), handler);
    return this;
  }

  /** Adds the handler of connections to a subresource. */
  public ResourceEndpoint connect(
      GroupResource resource, String subresource, ConnectHandler handler) {
    connects.put(handlerKey(resource, subresource), handler);
    return this;
  }

  /** Makes a resource's objects of those of another. */
  public ResourceEndpoint derived(GroupResource resource, DerivedKind kind) {
    derived.put(resource, kind);
    return this;
  }

  /** Makes a resource's objects when asked for. */
  public ResourceEndpoint made(GroupResource resource, MadeKind kind) {
    made.put(resource, kind);
    return this;
  }

  private static String handlerKey(GroupResource resource, String subresource) {
    return resource + "/" + subresource;
  }

  /** Ends the watches of these types in order. */
  public void endWatches(Predicate<ResourceType> types) {
    watch.end(types);
  }

  /** Where a resource is looked for that the registry does not have: it may have just begun. */
  @FunctionalInterface
  public interface LateTypes {
    /** The resource; empty where there really is none. */
    Optional<ResourceType> find(String group, String version, String plural)
        throws InterruptedException;
  }

  /** Looks here for what the registry does not have. Set before the server starts. */
  public void lateTypes(LateTypes source) {
    this.late = source;
  }

  /** Ends all watches in order. */
  public void endWatches() {
    watch.endAll();
  }

  @Override
  public void handle(ApiRequest request) throws InterruptedException {
    RequestInfo info = request.info();
    Optional<ResourceType> known = registry.find(info.group(), info.version(), info.resource());
    ResourceType type =
        known.isPresent()
            ? known.get()
            : late.find(info.group(), info.version(), info.resource())
                .orElseThrow(Failures::noSuchPath);
    if (!type.deprecation().isEmpty()) {
      request.exchange().warn(type.deprecation());
    }
    if (!cache.ready()) {
      throw new ApiException(
          StatusReason.SERVICE_UNAVAILABLE, "the server is still reading its store");
    }
    if (info.subresource().isEmpty()) {
      checkScope(type, info);
      whole(request, type);
    } else {
      Subresource subresource =
          type.subresource(info.subresource()).orElseThrow(Failures::noSuchPath);
      below(request, type, subresource);
    }
  }

  /** What is changed is taken apart first, however little of it changes. */
  @Override
  public byte[] basis(RequestInfo info) {
    return switch (info.verb()) {
      case "update", "patch", "delete" ->
          registry
              .find(info.group(), info.version(), info.resource())
              .filter(ResourceType::stored)
              .flatMap(type -> cache.cached(type.storedResource(), key(type, info)))
              .map(CachedObject::json)
              .orElse(NONE);
      default -> NONE;
    };
  }

  private static void checkScope(ResourceType type, RequestInfo info) {
    boolean inNamespace =
        !info.namespace().isEmpty() && !type.resource().toString().equals("namespaces");
    if (!type.namespaced() && inNamespace) {
      throw Failures.noSuchPath();
    }
    boolean needsNamespace =
        switch (info.verb()) {
          case "list", "watch" -> false;
          default -> type.stored() || !info.name().isEmpty();
        };
    if (type.namespaced() && info.namespace().isEmpty() && needsNamespace) {
      throw Failures.noSuchPath();
    }
  }

  private static void checkVerb(ResourceType type, Iterable<Verb> verbs, String wanted) {
    for (Verb verb : verbs) {
      if (verb.text().equals(wanted)) {
        return;
      }
    }
    throw Failures.methodNotAllowed(type.resource(), wanted);
  }

  private static ObjectKey key(ResourceType type, RequestInfo info) {
    return new ObjectKey(type.namespaced() ? info.namespace() : "", info.name());
  }

  private void whole(ApiRequest request, ResourceType type) throws InterruptedException {
    RequestInfo info = request.info();
    checkVerb(type, type.verbs(), info.verb());
    DerivedKind derivation = derived.get(type.resource());
    if (derivation != null) {
      derive(request, type, derivation);
      return;
    }
    MadeKind making = made.get(type.resource());
    if (making != null) {
      make(request, type, making);
      return;
    }
    ReviewHandler review = reviews.get(handlerKey(type.resource(), ""));
    if (review != null || !type.stored()) {
      review(
          request,
          type,
          type.kind(),
          Optional.ofNullable(review).orElseThrow(this::unserved),
          null);
      return;
    }
    switch (info.verb()) {
      case "get" ->
          responses.object(
              request, 200, type, reader.get(type, key(type, info), request.query()), List.of());
      case "list" -> {
        ObjectReader.Listed listed =
            reader.list(type, Selectors.of(request, type), request.query());
        responses.list(request, type, listed.metadata(), listed.objects());
      }
      case "watch" -> watch.open(request, type);
      case "create" -> create(request, type);
      case "update" -> put(request, type, new Part.Whole());
      case "patch" -> patch(request, type, new Part.Whole());
      case "delete" -> delete(request, type);
      case "deletecollection" -> deleteCollection(request, type);
      default -> throw Failures.methodNotAllowed(type.resource(), info.verb());
    }
  }

  private void make(ApiRequest request, ResourceType type, MadeKind making)
      throws InterruptedException {
    Selection selection = Selectors.of(request, type);
    List<CachedObject> selected =
        making.make().stream().filter(object -> object.isIn(selection)).toList();
    if (request.info().verb().equals("list")) {
      responses.list(request, type, Json.object(), selected);
    } else if (selected.isEmpty()) {
      throw Failures.notFound(type.resource(), request.info().name());
    } else {
      responses.object(request, 200, type, selected.getFirst(), List.of());
    }
  }

  private void derive(ApiRequest request, ResourceType type, DerivedKind made)
      throws InterruptedException {
    Responses.mustTakeWhole(request);
    ResourceType basis = made.basis();
    if (request.info().verb().equals("get")) {
      CachedObject object = reader.get(basis, key(type, request.info()), request.query());
      List<ObjectNode> one = made.derive(List.of(object));
      if (one.isEmpty()) {
        throw Failures.notFound(type.resource(), request.info().name());
      }
      responses.tree(request, 200, one.getFirst(), List.of());
      return;
    }
    ObjectReader.Listed listed = reader.list(basis, Selectors.of(request, basis), request.query());
    ObjectNode list = Json.object();
    list.put("kind", type.listKind()).put("apiVersion", type.kind().apiVersion());
    list.set("metadata", listed.metadata());
    ArrayNode items = list.putArray("items");
    made.derive(listed.objects()).forEach(items::add);
    responses.tree(request, 200, list, List.of());
  }

  private ApiException unserved() {
    return new ApiException(
        StatusReason.METHOD_NOT_ALLOWED, "this server does not answer such requests yet");
  }

  private void create(ApiRequest request, ResourceType type) throws InterruptedException {
    if (!request.info().name().isEmpty()) {
      throw Failures.methodNotAllowed(type.resource(), "create");
    }
    WriteContext context = WriteContext.of(request, null);
    ObjectNode body =
        BodyReader.object(
            request.http(), type, FieldValidation.of(request.query()), context.warnings());
    CachedObject created =
        writer.create(type, type.namespaced() ? request.info().namespace() : "", body, context);
    responses.object(request, 201, type, created, context.warnings());
  }

  private void put(ApiRequest request, ResourceType type, Part part) throws InterruptedException {
    WriteContext context = WriteContext.of(request, null);
    ObjectNode body =
        BodyReader.object(
            request.http(), type, FieldValidation.of(request.query()), context.warnings());
    boolean mayCreate = part instanceof Part.Whole && type.strategy().mayCreateOnUpdate();
    update(
        request,
        type,
        part,
        mayCreate ? () -> checkCreate(request) : null,
        current -> body.deepCopy(),
        context);
  }

  private void patch(ApiRequest request, ResourceType type, Part part) throws InterruptedException {
    WriteContext context = WriteContext.of(request, null);
    if (Apply.asked(request.http())) {
      Change change = Apply.change(request, type, part, ownership, context);
      boolean mayCreate = part instanceof Part.Whole;
      update(request, type, part, mayCreate ? () -> checkCreate(request) : null, change, context);
      return;
    }
    Apply.refuseForce(request);
    Change change =
        Patches.change(
            type, request.http(), FieldValidation.of(request.query()), context.warnings());
    update(request, type, part, null, change, context);
  }

  /** Who creates by way of an update must be allowed to create. */
  private void checkCreate(ApiRequest request) {
    Attributes attributes = request.info().attributes(request.user()).withVerb("create");
    switch (authorizer.authorize(attributes)) {
      case Decision.Allow allowed -> {}
      case Decision.Deny denied -> throw Failures.forbidden(attributes, denied.reason());
      case Decision.NoOpinion nobody -> throw Failures.forbidden(attributes, nobody.reason());
    }
  }

  private void update(
      ApiRequest request,
      ResourceType type,
      Part part,
      @Nullable Runnable mayCreate,
      Change change,
      WriteContext context)
      throws InterruptedException {
    ObjectWriter.Written written =
        writer.update(type, key(type, request.info()), part, mayCreate, change, context);
    responses.object(
        request, written.created() ? 201 : 200, type, written.object(), context.warnings());
  }

  private void delete(ApiRequest request, ResourceType type) throws InterruptedException {
    ObjectNode options = BodyReader.anyObject(request.http());
    WriteContext context = WriteContext.of(request, options);
    ObjectDeleter.Deleted deleted =
        deleter.delete(
            type, key(type, request.info()), DeleteRequest.of(request.query(), options), context);
    if (!deleted.gone() || type.answersWithDeleted()) {
      boolean waits = !deleted.gone() && dependentsGo(request.query(), options);
      responses.object(request, waits ? 202 : 200, type, deleted.object(), context.warnings());
      return;
    }
    String uid = Json.text(deleted.object().parse(), "metadata", "uid");
    responses.tree(
        request,
        200,
        StatusJson.success(request.info().name(), type.kind().group(), type.plural(), uid),
        context.warnings());
  }

  /** Whether a client says by the older of two options that dependents go, too. */
  private static boolean dependentsGo(Query query, ObjectNode options) {
    JsonNode orphan = options.path("orphanDependents");
    return orphan.isBoolean()
        ? !orphan.asBoolean()
        : query.has("orphanDependents") && !query.flag("orphanDependents");
  }

  private void deleteCollection(ApiRequest request, ResourceType type) throws InterruptedException {
    ObjectNode options = BodyReader.anyObject(request.http());
    DeleteRequest wanted = DeleteRequest.of(request.query(), options);
    WriteContext context = WriteContext.of(request, options);
    ObjectReader.Listed listed = reader.list(type, Selectors.of(request, type), request.query());
    List<CachedObject> deleted = new ArrayList<>();
    for (CachedObject object : listed.objects()) {
      try {
        deleted.add(deleter.delete(type, object.key(), wanted, context).object());
      } catch (ApiException e) {
        // Somebody else was faster.
        if (!e.is(StatusReason.NOT_FOUND)) {
          throw e;
        }
      }
    }
    responses.list(request, type, listed.metadata(), deleted);
  }

  private void below(ApiRequest request, ResourceType type, Subresource subresource)
      throws InterruptedException {
    RequestInfo info = request.info();
    // A connection passes on methods that are no verbs.
    boolean anyMethod = subresource instanceof Subresource.Connect && info.verb().equals("options");
    if (!anyMethod) {
      checkVerb(type, subresource.verbs(), info.verb());
    }
    switch (subresource) {
      case Subresource.Status status -> part(request, type, subresource);
      case Subresource.Edit edit -> part(request, type, subresource);
      case Subresource.Scale scale -> scales.handle(request, type, key(type, info), scale);
      case Subresource.Action action -> act(request, type, action);
      case Subresource.Connect connect -> {
        ConnectHandler handler = connects.get(handlerKey(type.resource(), connect.name()));
        if (handler == null) {
          throw unserved();
        }
        ObjectKey key = key(type, info);
        if (!connect.name().equals("log")) {
          admit(
              new Posted(
                  Operation.CONNECT, connect, ConnectOptions.of(connect, request), connect.kind()),
              type,
              key,
              WriteContext.connecting(request));
        }
        handler.connect(request, key);
      }
    }
  }

  private void part(ApiRequest request, ResourceType type, Subresource subresource)
      throws InterruptedException {
    RequestInfo info = request.info();
    switch (info.verb()) {
      case "get" ->
          responses.object(
              request, 200, type, reader.get(type, key(type, info), request.query()), List.of());
      case "update" -> put(request, type, Part.of(subresource));
      case "patch" -> patch(request, type, Part.of(subresource));
      default -> throw Failures.methodNotAllowed(type.resource(), info.verb());
    }
  }

  private void act(ApiRequest request, ResourceType type, Subresource.Action action)
      throws InterruptedException {
    ReviewHandler review = reviews.get(handlerKey(type.resource(), action.name()));
    if (review != null) {
      review(request, type, action.kind(), review, action);
      return;
    }
    ActionHandler handler = actions.get(handlerKey(type.resource(), action.name()));
    if (handler == null) {
      throw unserved();
    }
    ObjectNode body = BodyReader.object(request.http(), action.kind());
    WriteContext context = WriteContext.of(request, null);
    admit(
        new Posted(Operation.CREATE, action, body, action.kind()),
        type,
        key(type, request.info()),
        context);
    ObjectNode answer = handler.act(key(type, request.info()), body, context);
    responses.tree(request, 201, answer, context.warnings());
  }

  private void review(
      ApiRequest request,
      ResourceType type,
      GroupVersionKind kind,
      ReviewHandler handler,
      @Nullable Subresource below)
      throws InterruptedException {
    Responses.mustTakeWhole(request);
    ObjectNode body = BodyReader.object(request.http(), kind);
    ObjectKey key = key(type, request.info());
    WriteContext context = WriteContext.of(request, null);
    admit(new Posted(Operation.CREATE, below, body, kind), type, key, context);
    ObjectNode answer =
        handler.create(
            new ReviewHandler.Review(
                request.user(),
                key.namespace(),
                key.name(),
                body,
                context.dryRun(),
                context.annotations()));
    responses.tree(request, 201, answer, context.warnings());
  }

  /** What is sent to be acted upon, and is not stored itself. */
  private record Posted(
      Operation operation, @Nullable Subresource below, ObjectNode object, GroupVersionKind kind) {}

  private void admit(Posted posted, ResourceType type, ObjectKey key, WriteContext context) {
    AdmissionRequest asked =
        context.admission(
            posted.operation(),
            new Target(
                posted.kind(),
                type.resource(),
                posted.below() == null ? "" : posted.below().name(),
                key),
            posted.object(),
            null);
    admission.mutate(asked);
    admission.validate(asked);
  }
}
