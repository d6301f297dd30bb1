package dev.coxswain.kubelet.volume;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.cri.ImageStore;
import dev.coxswain.kubelet.cri.Snapshots;
import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.proto.containerd.SnapshotMount;
import dev.coxswain.proto.cri.Image;
import dev.coxswain.proto.cri.VersionResponse;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Images as volumes (KEP-4639). A runtime that can mounts them itself. containerd before 2.2
 * cannot, or takes no notice of a sub-path: there the kubelet mounts a read-only view that
 * containerd's snapshots make of the image's layers. The folder is made before the view and deleted
 * after it, so that a kubelet that dies in between finds what is left by the folder.
 */
public final class ImageVolumes {
  static final String PLUGIN = "image";

  private static final Pattern VERSION = Pattern.compile("v?(\\d+)\\.(\\d+).*");
  private static final JsonMapper JSON = new JsonMapper();

  private final NodePaths paths;
  private final ContainerRuntime runtime;
  private final ImageStore images;
  private final Snapshots snapshots;
  private final MountTable mounts = new MountTable();

  /** Image volumes below these paths. */
  public ImageVolumes(
      NodePaths paths, ContainerRuntime runtime, ImageStore images, Snapshots snapshots) {
    this.paths = paths;
    this.runtime = runtime;
    this.images = images;
    this.snapshots = snapshots;
  }

  /**
   * Where the image is mounted for the pod; empty where the runtime does it. May be repeated: the
   * volume shows the same image as long as its pod lives.
   */
  Optional<Path> prepare(String podUid, String volume, Image image) throws IOException {
    if (mountsImages(runtime.version())) {
      return Optional.empty();
    }
    Path path = paths.volume(podUid, PLUGIN, volume);
    if (!mounts.isMountPoint(path)) {
      FileTrees.directory(path, 0755);
      List<SnapshotMount> view =
          snapshots.view(snapshotter(), key(podUid, volume), uppermostLayer(image));
      if (view.size() != 1) {
        throw new IOException("the runtime shows the image by " + view.size() + " mounts, not one");
      }
      mounts.view(view.getFirst(), path);
    }
    return Optional.of(path);
  }

  /** Removes the views of a pod; nothing of them is mounted any more. */
  void release(String podUid) throws IOException {
    @Nullable Path folder = paths.volume(podUid, PLUGIN, "any").getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> volumes = Files.newDirectoryStream(folder)) {
      String snapshotter = snapshotter();
      for (Path volume : volumes) {
        snapshots.remove(snapshotter, key(podUid, volume.getFileName().toString()));
      }
    } catch (CriException failure) {
      throw new IOException("the view of an image is left: " + failure.getMessage(), failure);
    }
  }

  /** containerd since 2.2, and every other runtime that this kubelet is told to use. */
  static boolean mountsImages(VersionResponse version) {
    if (!version.getRuntimeName().equals("containerd")) {
      return true;
    }
    Matcher parts = VERSION.matcher(version.getRuntimeVersion());
    if (!parts.matches()) {
      return false;
    }
    int major = Integer.parseInt(parts.group(1));
    return major > 2 || (major == 2 && Integer.parseInt(parts.group(2)) >= 2);
  }

  private static String key(String podUid, String volume) {
    return "coxswain-image-volume-" + podUid + "-" + volume;
  }

  private String snapshotter() throws IOException {
    return json(runtime.information().get("config"), "its configuration")
        .path("containerd")
        .path("snapshotter")
        .asString("overlayfs");
  }

  private String uppermostLayer(Image image) throws IOException {
    String chain =
        json(images.information(image.getId()).get("info"), "the layers of " + image.getId())
            .path("chainID")
            .asString("");
    if (chain.isEmpty()) {
      throw new IOException("the runtime does not tell the layers of " + image.getId());
    }
    return chain;
  }

  private static JsonNode json(@Nullable String text, String what) throws IOException {
    if (text == null) {
      throw new IOException("the runtime does not tell " + what);
    }
    try {
      return JSON.readTree(text);
    } catch (JacksonException malformed) {
      throw new IOException("what the runtime tells of " + what + " is no JSON", malformed);
    }
  }
}
