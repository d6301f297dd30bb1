package dev.coxswain.kubelet.worker;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.kubelet.env.ConfigSource;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * ConfigMaps and Secrets read one by one (a node may read no others), kept for a moment so that a
 * pod's containers do not all ask, and kept for longer for the case that the API server is away: a
 * container that crashes meanwhile is restarted with what was last known.
 */
public final class ClusterObjects implements ConfigSource, Informer.Handler<Pod> {
  private static final Duration FRESH = Duration.ofSeconds(5);

  /** Several times what the pods of a full node refer to. */
  private static final int MOST_OBJECTS = 1000;

  /** The index of the services' informer. */
  public static final String BY_NAMESPACE = "namespace";

  private record Kept<T>(Optional<T> object, long readAt) {}

  private final Objects<ConfigMap> configMaps;
  private final Objects<Secret> secrets;
  private final Objects<RuntimeClass> runtimeClasses;
  private final Objects<ServiceAccount> accounts;
  private final Objects<PersistentVolumeClaim> claims;
  private final Objects<PersistentVolume> persistentVolumes;
  private final Objects<CSIDriver> drivers;
  private final ResourceClient<VolumeAttachment> attachments;
  private final Informer<Service> services;

  /** Reads this API; the informer has the index {@link #BY_NAMESPACE}. */
  public ClusterObjects(ApiClient api, Informer<Service> services, Time time) {
    this.configMaps = new Objects<>(api.resource(ConfigMap.class), time);
    this.secrets = new Objects<>(api.resource(Secret.class), time);
    this.claims = new Objects<>(api.resource(PersistentVolumeClaim.class), time);
    this.persistentVolumes = new Objects<>(api.resource(PersistentVolume.class), time);
    this.runtimeClasses = new Objects<>(api.resource(RuntimeClass.class), time);
    this.accounts = new Objects<>(api.resource(ServiceAccount.class), time);
    this.drivers = new Objects<>(api.resource(CSIDriver.class), time);
    this.attachments = api.resource(VolumeAttachment.class);
    this.services = services;
  }

  @Override
  public Optional<ConfigMap> configMap(String namespace, String name) {
    return configMaps.find(new ObjectKey(namespace, name));
  }

  @Override
  public Optional<Secret> secret(String namespace, String name) {
    return secrets.find(new ObjectKey(namespace, name));
  }

  @Override
  public Optional<PersistentVolumeClaim> claim(String namespace, String name) {
    return claims.find(new ObjectKey(namespace, name));
  }

  @Override
  public Optional<PersistentVolume> persistentVolume(String name) {
    return persistentVolumes.find(ObjectKey.cluster(name));
  }

  @Override
  public Optional<CSIDriver> driver(String name) {
    return drivers.find(ObjectKey.cluster(name));
  }

  @Override
  public Optional<VolumeAttachment> attachment(String name) {
    return attachments.find(ObjectKey.cluster(name));
  }

  /**
   * A pod that comes is to have what was written before it: what others were told a moment ago may
   * be older than that.
   */
  @Override
  public void added(Pod pod) {
    configMaps.age(pod.getMetadata().getNamespace());
    secrets.age(pod.getMetadata().getNamespace());
  }

  @Override
  public void updated(Pod before, Pod after) {}

  @Override
  public void deleted(Pod last) {}

  /** A ConfigMap or Secret is seen to be this now. */
  public void shown(HasMetadata object) {
    switch (object) {
      case ConfigMap map -> configMaps.put(map);
      case Secret secret -> secrets.put(secret);
      default -> throw new IllegalArgumentException("nobody shows a " + object.getKind());
    }
  }

  /** The RuntimeClass of this name. */
  public Optional<RuntimeClass> runtimeClass(String name) {
    return runtimeClasses.find(ObjectKey.cluster(name));
  }

  /** The service account, where a pod of this node has it. */
  public Optional<ServiceAccount> serviceAccount(String namespace, String name) {
    return accounts.find(new ObjectKey(namespace, name));
  }

  @Override
  public Collection<Service> services(String namespace) {
    return services.byIndex(BY_NAMESPACE, namespace);
  }

  private static final class Objects<T extends HasMetadata> {
    private final ResourceClient<T> client;
    private final Time time;
    private final Map<ObjectKey, Kept<T>> cache =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<ObjectKey, Kept<T>> eldest) {
            return size() > MOST_OBJECTS;
          }
        };

    Objects(ResourceClient<T> client, Time time) {
      this.client = client;
      this.time = time;
    }

    void put(T object) {
      ObjectKey key =
          new ObjectKey(object.getMetadata().getNamespace(), object.getMetadata().getName());
      synchronized (cache) {
        cache.put(key, new Kept<>(Optional.of(object), time.nanos()));
      }
    }

    /** What is known of a namespace is no longer fresh, but kept for the case of need. */
    void age(String namespace) {
      synchronized (cache) {
        cache.replaceAll((key, kept) ->
            key.namespace().equals(namespace)
                ? new Kept<>(kept.object(), time.nanos() - FRESH.toNanos())
                : kept);
      }
    }

    Optional<T> find(ObjectKey key) {
      @Nullable Kept<T> known;
      synchronized (cache) {
        known = cache.get(key);
      }
      if (known != null && time.nanos() - known.readAt() < FRESH.toNanos()) {
        return known.object();
      }
      try {
        long asked = time.nanos();
        Kept<T> read = new Kept<>(client.find(key), asked);
        synchronized (cache) {
          @Nullable Kept<T> meanwhile = cache.get(key);
          if (meanwhile != null && !meanwhile.equals(known)) {
            // What was shown while the answer was on its way is newer than it may be.
            return meanwhile.object();
          }
          cache.put(key, read);
        }
        return read.object();
      } catch (ApiException failure) {
        boolean away =
            failure.is(StatusReason.SERVICE_UNAVAILABLE)
                || failure.is(StatusReason.TIMEOUT)
                || failure.is(StatusReason.INTERNAL_ERROR);
        if (away && known != null && known.object().isPresent()) {
          return known.object();
        }
        throw failure;
      }
    }
  }
}
