package dev.coxswain.apiserver.custom;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.definition.Approval;
import dev.coxswain.apiserver.definition.Conditions;
import dev.coxswain.apiserver.definition.Conditions.Condition;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.storage.StoreUnavailableException;
import dev.coxswain.apiserver.verbs.ObjectDeleter;
import dev.coxswain.apiserver.verbs.ObjectWriter;
import dev.coxswain.apiserver.verbs.WriteContext;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.Follower;
import dev.coxswain.apiserver.watch.Selection;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.runtime.time.Time;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Follows the CustomResourceDefinitions: gives them their names, serves what they define, says so
 * in their conditions, and removes their objects before they go. Every API server does all of it;
 * whoever is first writes, and the others find it written.
 */
public final class Definitions implements AutoCloseable {
  /** Where definitions are stored. */
  public static final GroupResource RESOURCE =
      new GroupResource("apiextensions.k8s.io", "customresourcedefinitions");

  private static final Logger log = LoggerFactory.getLogger(Definitions.class);

  private final WatchCache cache;
  private final ResourceRegistry registry;
  private final Set<GroupResource> builtin;
  private final ResourceType definitionType;
  private final CustomTypes types;
  private final ObjectWriter writer;
  private final Cleanup cleanup;
  private final Consumer<Predicate<ResourceType>> endWatches;
  private final Time time;
  private final Follower follower;
  private final Map<String, Known> known = new HashMap<>();
  private volatile boolean served;

  /** What is served of a definition; the print is equal as long as nothing of that changes. */
  private record Known(long revision, String print, GroupResource resource) {}

  /** How objects are written and deleted. */
  public record Writes(ObjectWriter writer, ObjectDeleter deleter) {}

  /**
   * Follows definitions.
   *
   * @param objectMeta the shape of {@code metadata}
   * @param webhooks converters of the strategy Webhook
   * @param endWatches ends the open watches of resources that are no longer served as they were
   */
  public Definitions(
      WatchCache cache,
      ResourceRegistry registry,
      Schema objectMeta,
      ConversionWebhooks webhooks,
      Writes writes,
      Consumer<Predicate<ResourceType>> endWatches,
      Time time) {
    this.cache = cache;
    this.registry = registry;
    this.builtin = registry.all().stream().map(ResourceType::resource).collect(Collectors.toSet());
    this.definitionType = registry.versions(RESOURCE).getFirst();
    this.types = new CustomTypes(objectMeta, webhooks::of);
    this.writer = writes.writer();
    this.follower = new Follower("definitions", cache, RESOURCE, time);
    this.cleanup = new Cleanup(cache, writes.deleter(), follower::wake);
    this.endWatches = endWatches;
    this.time = time;
  }

  /** Starts the thread. */
  public void start() {
    follower.start(this::once);
  }

  /** Whether everything that was defined when the server started is served. */
  public boolean ready() {
    return served;
  }

  /**
   * A custom resource that another server may have begun to serve a moment ago: waits until this
   * server has seen what was acknowledged before the call.
   */
  public Optional<ResourceType> find(String group, String version, String plural)
      throws InterruptedException {
    if (group.indexOf('.') < 0 || !cache.ready() || !cache.awaitCurrent(RESOURCE)) {
      return Optional.empty();
    }
    boolean defined = cache.cached(RESOURCE, ObjectKey.cluster(plural + "." + group)).isPresent();
    if (defined) {
      serve();
    }
    return defined ? registry.find(group, version, plural) : Optional.empty();
  }

  private boolean once() {
    try {
      List<ObjectNode> definitions = serve();
      served = true;
      boolean well = true;
      for (ObjectNode definition : definitions) {
        well &= advance(definition, definitions);
      }
      return well;
    } catch (StoreUnavailableException e) {
      log.warn("definitions: {}", e.getMessage());
      return false;
    } catch (RuntimeException e) {
      log.error("definitions cannot be followed; trying again", e);
      return false;
    }
  }

  /** Serves what is accepted now, and what is gone no longer. */
  private synchronized List<ObjectNode> serve() {
    List<ObjectNode> definitions = new ArrayList<>();
    Map<String, Known> left = new HashMap<>(known);
    for (CachedObject object : cache.cached(RESOURCE, Selection.namespace("")).objects()) {
      ObjectNode definition = object.parse();
      definitions.add(definition);
      Known before = left.remove(object.key().name());
      if (before == null || before.revision() != object.revision()) {
        register(definition, object.revision());
      }
    }
    left.forEach((name, gone) -> {
      known.remove(name);
      replace(gone.resource(), List.of());
    });
    return definitions;
  }

  private synchronized void register(ObjectNode definition, long revision) {
    String name = Json.text(definition, "metadata", "name");
    GroupResource resource = CustomTypes.resource(definition);
    if (builtin.contains(resource)) {
      return;
    }
    boolean accepted = CustomTypes.accepted(definition);
    String print =
        accepted
            ? definition.path("spec").toString()
                + Json.at(definition, "status", "acceptedNames")
                + Conditions.isTrue(definition, "Terminating")
            : "";
    Known before = known.put(name, new Known(revision, print, resource));
    if (before != null ? !before.print().equals(print) : accepted) {
      replace(resource, accepted ? types.of(definition) : List.of());
    }
  }

  private void replace(GroupResource resource, List<ResourceType> versions) {
    Set<ResourceType> old = Set.copyOf(registry.versions(resource));
    registry.replace(resource, versions);
    if (!old.isEmpty()) {
      endWatches.accept(old::contains);
    }
  }

  /** Does what is next for a definition; false where it has to be tried again. */
  private boolean advance(ObjectNode definition, List<ObjectNode> all) {
    try {
      if (!Json.text(definition, "metadata", "deletionTimestamp").isEmpty()) {
        return finish(definition);
      }
      establish(definition, all);
      return true;
    } catch (ApiException e) {
      if (e.is(StatusReason.NOT_FOUND) || e.is(StatusReason.CONFLICT)) {
        return true;
      }
      log.warn("{}: {}", Json.text(definition, "metadata", "name"), e.getMessage());
      return false;
    } catch (StoreUnavailableException e) {
      throw e;
    } catch (RuntimeException e) {
      // The others must not wait for it.
      log.error(
          "{} cannot be followed; trying again", Json.text(definition, "metadata", "name"), e);
      return false;
    }
  }

  private void establish(ObjectNode definition, List<ObjectNode> all) {
    ObjectNode planned = definition.deepCopy();
    if (!accept(planned, all)) {
      return;
    }
    if (CustomTypes.accepted(planned)) {
      // Served first: whoever reads the condition may use the resource at once.
      register(planned, Json.number(planned, 0, "metadata", "generation"));
    }
    change(definition, current -> accept(current, all));
  }

  /** Gives names and establishes; says whether that changes something. */
  private boolean accept(ObjectNode definition, List<ObjectNode> all) {
    String now = now();
    NameClaims.Outcome outcome =
        new NameClaims(all, Json.text(definition, "spec", "group")).judge(definition);
    ObjectNode status = Json.ensureObject(definition, "status");
    boolean changed = !outcome.names().equals(status.path("acceptedNames"));
    status.set("acceptedNames", outcome.names());
    Condition approval = Approval.condition(definition).orElse(null);
    if (approval != null) {
      changed |= Conditions.set(definition, approval, now);
    }
    changed |= Conditions.set(definition, outcome.condition(), now);
    if (!Conditions.isTrue(definition, "Established")) {
      boolean good = outcome.condition().status().equals("True");
      changed |=
          Conditions.set(
              definition,
              good
                  ? new Condition(
                      "Established",
                      "True",
                      "InitialNamesAccepted",
                      "the initial names have been accepted")
                  : new Condition(
                      "Established", "False", "NotAccepted", "not all names are accepted"),
              now);
    }
    return changed;
  }

  private boolean finish(ObjectNode definition) {
    Optional<Cleanup.Step> step = cleanup.next(definition, types);
    step.ifPresent(next ->
        change(
            definition,
            current -> {
              Conditions.set(current, next.condition(), now());
              if (next.done()) {
                Cleanup.letGo(current);
              }
            }));
    return step.isEmpty() || !step.get().failed();
  }

  private void change(ObjectNode definition, Consumer<ObjectNode> change) {
    String name = Json.text(definition, "metadata", "name");
    String uid = Json.text(definition, "metadata", "uid");
    writer.change(
        definitionType,
        ObjectKey.cluster(name),
        "status",
        current -> {
          if (Json.text(current, "metadata", "uid").equals(uid)) {
            change.accept(current);
          }
        },
        WriteContext.internal());
  }

  private String now() {
    return time.now().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  @Override
  public void close() {
    follower.close();
    cleanup.close();
  }
}
