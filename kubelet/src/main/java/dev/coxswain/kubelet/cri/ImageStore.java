package dev.coxswain.kubelet.cri;

import dev.coxswain.proto.cri.AuthConfig;
import dev.coxswain.proto.cri.FilesystemUsage;
import dev.coxswain.proto.cri.Image;
import dev.coxswain.proto.cri.PodSandboxConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The runtime's images. Calls block and fail with {@link CriException}. Thread-safe. */
public interface ImageStore {

  /** The image that a reference names, where it is on this node. */
  Optional<Image> find(String reference);

  /** What the runtime tells of an image beyond CRI, as JSON texts by topic. */
  Map<String, String> information(String reference);

  /**
   * Fetches the image from its registry; returns the reference by which containers are made of it.
   */
  String pull(String reference, @Nullable AuthConfig credentials, PodSandboxConfig pod);

  /** All images on this node. */
  List<Image> list();

  /** Removes an image. One that is not there is no failure. */
  void remove(String reference);

  /** The file systems that hold images. */
  List<FilesystemUsage> fileSystems();
}
