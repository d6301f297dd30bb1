package dev.coxswain.kubelet.env;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import java.util.Collection;
import java.util.Optional;

/** The cluster's objects that containers are configured from. */
public interface ConfigSource {

  /**
   * The ConfigMap, or empty when there is none.
   *
   * @throws dev.coxswain.api.status.ApiException when it cannot be known
   */
  Optional<ConfigMap> configMap(String namespace, String name);

  /**
   * The Secret, or empty when there is none.
   *
   * @throws dev.coxswain.api.status.ApiException when it cannot be known
   */
  Optional<Secret> secret(String namespace, String name);

  /** The claim, or empty when there is none. */
  Optional<PersistentVolumeClaim> claim(String namespace, String name);

  /** The persistent volume, or empty when there is none. */
  Optional<PersistentVolume> persistentVolume(String name);

  /** What a storage driver says of itself, or empty when it says nothing. */
  Optional<CSIDriver> driver(String name);

  /** The attachment, as it is now, or empty when there is none. */
  Optional<VolumeAttachment> attachment(String name);

  /** The services of a namespace. */
  Collection<Service> services(String namespace);
}
