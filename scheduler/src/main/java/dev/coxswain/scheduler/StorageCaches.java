package dev.coxswain.scheduler;

import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.client.ListWatchInformer;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.scheduler.model.StorageObject;
import dev.coxswain.scheduler.model.StorageReader;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.fabric8.kubernetes.api.model.storage.CSINode;
import io.fabric8.kubernetes.api.model.storage.CSIStorageCapacity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import java.util.List;
import java.util.function.Function;

/**
 * The caches of everything that says something of storage.
 *
 * @param claims also one of {@code all}
 */
record StorageCaches(Informer<PersistentVolumeClaim> claims, List<Followed<?>> all) {

  /** A cache, and how its objects are read. */
  record Followed<T extends HasMetadata>(
      String what, Informer<T> cache, Function<T, StorageObject> reader) {}

  static StorageCaches of(ApiClient api, Time time, Randomness random) {
    var claims = ListWatchInformer.of(api, PersistentVolumeClaim.class, time, random);
    return new StorageCaches(
        claims,
        List.of(
            new Followed<>("claims", claims, StorageReader::claim),
            new Followed<>(
                "volumes",
                ListWatchInformer.of(api, PersistentVolume.class, time, random),
                StorageReader::volume),
            new Followed<>(
                "storage classes",
                ListWatchInformer.of(api, StorageClass.class, time, random),
                StorageReader::storageClass),
            new Followed<>(
                "nodes' storage drivers",
                ListWatchInformer.of(api, CSINode.class, time, random),
                StorageReader::nodeDrivers),
            new Followed<>(
                "attachments",
                ListWatchInformer.of(api, VolumeAttachment.class, time, random),
                StorageReader::attachment),
            new Followed<>(
                "storage drivers",
                ListWatchInformer.of(api, CSIDriver.class, time, random),
                StorageReader::driver),
            new Followed<>(
                "storage capacities",
                ListWatchInformer.of(api, CSIStorageCapacity.class, time, random),
                StorageReader::capacity)));
  }
}
