package dev.coxswain.kubelet.container;

import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.env.Expansion;
import dev.coxswain.kubelet.volume.SubPaths;
import dev.coxswain.kubelet.volume.VolumeManager;
import dev.coxswain.proto.cri.Image;
import dev.coxswain.proto.cri.ImageSpec;
import dev.coxswain.proto.cri.Mount;
import dev.coxswain.proto.cri.MountPropagation;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A container's mounts of its pod's volumes. */
public final class Mounts {
  /** The kernel knows no longer path. */
  private static final int LONGEST_PATH = 4096;

  private Mounts() {}

  /**
   * The mounts.
   *
   * @param images those that volumes show, by volume
   * @param subPaths where paths within volumes are pinned for this container
   * @param recursion asked where a mount is to be read-only with all below it
   */
  static List<Mount> of(
      Pod pod,
      Container container,
      VolumeManager volumes,
      Map<String, Image> images,
      Path subPaths,
      Map<String, String> environment,
      Recursion recursion)
      throws ConfigException, IOException {
    List<Mount> mounts = new ArrayList<>();
    for (VolumeMount wanted : container.getVolumeMounts()) {
      Volume volume = volume(pod, wanted.getName());
      String below = subPath(wanted, environment);
      @Nullable Image image = images.get(wanted.getName());
      if (image != null) {
        Optional<Path> shown = volumes.imagePath(pod, volume, image);
        if (shown.isEmpty()) {
          mounts.add(byRuntime(wanted, image, below));
          continue;
        }
      }
      Path source = volumes.path(pod, volume);
      if (!below.isEmpty()) {
        Path pinned = subPaths.resolve(Integer.toString(mounts.size()));
        new SubPaths().bind(source, below, wanted.getName(), pinned);
        source = pinned;
      }
      mounts.add(
          Mount.newBuilder()
              .setContainerPath(absolute(wanted.getMountPath()))
              .setHostPath(source.toString())
              .setReadonly(Boolean.TRUE.equals(wanted.getReadOnly()) || alwaysReadOnly(volume))
              .setPropagation(propagation(wanted))
              .setRecursiveReadOnly(recursive(wanted, pod, recursion))
              .build());
    }
    return mounts;
  }

  /** Whether the runtime can make a pod's mounts read-only with all that is mounted below them. */
  @FunctionalInterface
  public interface Recursion {
    /** Asks the runtime, by the handler that the pod wants. */
    boolean isKnown(Pod pod) throws ConfigException;
  }

  static boolean recursive(VolumeMount wanted, Pod pod, Recursion recursion)
      throws ConfigException {
    String mode = wanted.getRecursiveReadOnly() == null ? "" : wanted.getRecursiveReadOnly();
    return switch (mode) {
      case "Enabled" -> {
        // What cannot be had must not be left out silently: something below could be written.
        if (!recursion.isKnown(pod)) {
          throw new ConfigException(
              "volume \""
                  + wanted.getName()
                  + "\" requested recursive read-only mode, but it is not supported by the"
                  + " runtime");
        }
        yield true;
      }
      case "IfPossible" -> recursion.isKnown(pod);
      default -> false;
    };
  }

  /** An image that the runtime mounts by itself. */
  private static Mount byRuntime(VolumeMount wanted, Image image, String below) {
    return Mount.newBuilder()
        .setContainerPath(absolute(wanted.getMountPath()))
        .setImage(ImageSpec.newBuilder().setImage(image.getId()))
        .setImageSubPath(below)
        .setReadonly(true)
        .build();
  }

  static Volume volume(Pod pod, String name) throws ConfigException {
    return pod.getSpec().getVolumes().stream()
        .filter(one -> one.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new ConfigException("volume \"" + name + "\" not found"));
  }

  static boolean readOnlyClaim(Volume volume) {
    return volume.getPersistentVolumeClaim() != null
        && Boolean.TRUE.equals(volume.getPersistentVolumeClaim().getReadOnly());
  }

  /** What the kubelet writes, containers only read, and so a claim that says so. */
  private static boolean alwaysReadOnly(Volume volume) {
    return volume.getConfigMap() != null
        || volume.getSecret() != null
        || volume.getDownwardAPI() != null
        || volume.getProjected() != null
        || volume.getImage() != null
        || (volume.getCsi() != null && Boolean.TRUE.equals(volume.getCsi().getReadOnly()))
        || readOnlyClaim(volume);
  }

  static String subPath(VolumeMount mount, Map<String, String> environment) throws ConfigException {
    if (mount.getSubPathExpr() == null || mount.getSubPathExpr().isEmpty()) {
      return mount.getSubPath() == null ? "" : mount.getSubPath();
    }
    SortedSet<String> missing = new TreeSet<>();
    String expanded =
        Expansion.expand(
            mount.getSubPathExpr(),
            name -> {
              String value = environment.getOrDefault(name, "");
              if (value.isEmpty()) {
                // In place of its part of the volume the container would see all of it.
                missing.add(name);
              }
              return value;
            });
    if (!missing.isEmpty()) {
      throw new ConfigException("missing value for " + String.join(", ", missing));
    }
    if (expanded.length() > LONGEST_PATH) {
      throw new ConfigException("subPathExpr becomes longer than a path may be");
    }
    return expanded;
  }

  private static String absolute(String path) {
    return path.startsWith("/") ? path : "/" + path;
  }

  private static MountPropagation propagation(VolumeMount mount) {
    String mode = mount.getMountPropagation() == null ? "" : mount.getMountPropagation();
    return switch (mode) {
      case "HostToContainer" -> MountPropagation.PROPAGATION_HOST_TO_CONTAINER;
      case "Bidirectional" -> MountPropagation.PROPAGATION_BIDIRECTIONAL;
      default -> MountPropagation.PROPAGATION_PRIVATE;
    };
  }
}
