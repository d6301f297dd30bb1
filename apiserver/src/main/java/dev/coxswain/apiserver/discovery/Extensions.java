package dev.coxswain.apiserver.discovery;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Versions that other servers serve through this one. */
public interface Extensions {
  /** There are none. */
  Extensions NONE =
      new Extensions() {
        @Override
        public long generation() {
          return 0;
        }

        @Override
        public List<Version> versions() {
          return List.of();
        }
      };

  /**
   * One of them.
   *
   * @param resources the APIResourceList that its server answered last; null before it did
   * @param current whether its server answers now
   */
  record Version(String group, String version, @Nullable ObjectNode resources, boolean current) {}

  /** Grows whenever {@link #versions} changes. */
  long generation();

  /** The versions; of each group the preferred one first. */
  List<Version> versions();
}
