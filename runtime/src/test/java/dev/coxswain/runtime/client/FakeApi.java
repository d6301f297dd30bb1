package dev.coxswain.runtime.client;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An API server in memory, for the unit tests and simulations of everything that talks to one. It
 * keeps the API's rules for resourceVersion, conflict, uid, generation, generateName, status as a
 * part of its own, finalizers and graceful deletion, selectors and watches; it knows no schemas, no
 * admission but that of terminating namespaces, and nobody's permissions.
 *
 * <p>A simulation uses {@link #informer}, whose events wait until the test delivers them, so that
 * every interleaving is the test's choice; tests of threads use the blocking watches. The same
 * random source gives the same uids, names and faults. Thread-safe.
 */
public final class FakeApi implements ApiClient {
  private final FakeStore store;
  private final Randomness random;
  private final List<FakeInformer<?>> informers = new ArrayList<>();
  private final List<ServedResource> served = new ArrayList<>();
  private final SortedMap<String, String> undiscovered = new TreeMap<>();
  private volatile FakeFaults faults = FakeFaults.NONE;
  private volatile Runnable onTheWay = () -> {};
  private volatile AddOn addOn =
      (path, query) -> {
        throw new ApiException(
            StatusReason.NOT_FOUND, "the server could not find the requested resource");
      };

  /** An API that another server serves behind this one. */
  @FunctionalInterface
  public interface AddOn {
    /** Answers, or throws an {@link ApiException}. */
    JsonNode answer(String path, Map<String, String> query);
  }

  public FakeApi(Time time, Randomness random) {
    this.store = new FakeStore(time, random);
    this.random = random;
  }

  @Override
  public <T extends HasMetadata> ResourceClient<T> resource(Class<T> type) {
    return new FakeResourceClient<>(
        ResourceModel.of(type), store, random, () -> faults, () -> onTheWay.run());
  }

  @Override
  public ResourceClient<PartialObjectMetadata> metadata(ServedResource resource) {
    return new FakeResourceClient<>(
        ResourceModel.metadata(resource), store, random, () -> faults, () -> onTheWay.run());
  }

  /** The resources that {@link #serve} named. */
  @Override
  public synchronized Discovered discover() {
    return new Discovered(served, undiscovered);
  }

  /** From now on, discovery fails for a group and version; with an empty reason no more. */
  public synchronized void hide(String groupVersion, String why) {
    if (why.isEmpty()) {
      undiscovered.remove(groupVersion);
    } else {
      undiscovered.put(groupVersion, why);
    }
  }

  @Override
  public JsonNode read(List<String> path, Map<String, String> query) {
    onTheWay.run();
    if (random.chance(faults.unavailable())) {
      throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "injected: no server answers");
    }
    return addOn.answer("/" + String.join("/", path), query);
  }

  /** From now on, this answers what {@link #read} asks for. */
  public void serve(AddOn server) {
    addOn = server;
  }

  /** Makes discovery tell of a kind. */
  public synchronized ServedResource serve(Class<? extends HasMetadata> type) {
    ResourceModel<?> model = ResourceModel.of(type);
    var resource =
        new ServedResource(
            model.apiVersion(),
            model.kind(),
            model.resource(),
            model.namespaced(),
            Set.of("create", "delete", "get", "list", "patch", "update", "watch"));
    served.add(resource);
    return resource;
  }

  /** A cache of a resource's metadata, delivered to as any other. */
  public synchronized FakeInformer<PartialObjectMetadata> metadataInformer(
      ServedResource resource) {
    var informer = new FakeInformer<>(ResourceModel.metadata(resource), "", ListOptions.ALL, store);
    informers.add(informer);
    return informer;
  }

  /** From now on, calls fail this often. */
  public void faults(FakeFaults rates) {
    faults = rates;
  }

  /** From now on, this happens while a call is on its way: that time passes, for one. */
  public void onTheWay(Runnable meanwhile) {
    onTheWay = meanwhile;
  }

  /** Creates an object together with its status, without faults: the scene before the test. */
  public <T extends HasMetadata> T seed(Class<T> type, T object) {
    ResourceModel<T> model = ResourceModel.of(type);
    ObjectNode json = ModelJson.MAPPER.valueToTree(object);
    return ModelJson.MAPPER.treeToValue(store.create(model.resource(), json, true), type);
  }

  /** A cache whose events wait for {@link FakeInformer#deliver} or {@link #deliverAll}. */
  public <T extends HasMetadata> FakeInformer<T> informer(Class<T> type) {
    return informer(type, "", ListOptions.ALL);
  }

  /** The same for a selection. */
  public synchronized <T extends HasMetadata> FakeInformer<T> informer(
      Class<T> type, String namespace, ListOptions options) {
    var informer = new FakeInformer<>(ResourceModel.of(type), namespace, options, store);
    informers.add(informer);
    return informer;
  }

  /** Delivers what waits for all informers; false when nothing did. */
  public synchronized boolean deliverAll() {
    boolean any = false;
    for (FakeInformer<?> informer : List.copyOf(informers)) {
      while (informer.deliver()) {
        any = true;
      }
    }
    return any;
  }

  /**
   * Delivers one event (or, as the faults have it, a fresh list) to one informer, chosen at random;
   * false when nothing waits.
   */
  public synchronized boolean deliverOne() {
    List<FakeInformer<?>> waiting = informers.stream().filter(FakeInformer::waits).toList();
    if (waiting.isEmpty()) {
      return false;
    }
    FakeInformer<?> chosen = waiting.get((int) random.below(waiting.size()));
    if (random.chance(faults.expired())) {
      chosen.relist();
    } else {
      chosen.deliver();
    }
    return true;
  }

  /** Forgets the history, so that open watches fail with {@code Expired}. */
  public void compact() {
    store.compact();
  }

  /** How many watches nobody has closed, those of informers of this class's own included. */
  public int openWatches() {
    return store.openWatches();
  }

  /** The version of the last change. */
  public String resourceVersion() {
    return Long.toString(store.revision());
  }

  @Override
  public void close() {}
}
