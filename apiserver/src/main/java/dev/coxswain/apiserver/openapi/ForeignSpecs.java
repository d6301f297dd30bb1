package dev.coxswain.apiserver.openapi;

import dev.coxswain.apiserver.discovery.Document;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What other servers tell of the versions that they serve through this one. */
public interface ForeignSpecs {
  /** There are none. */
  ForeignSpecs NONE =
      new ForeignSpecs() {
        @Override
        public long generation() {
          return 0;
        }

        @Override
        public List<Spec> specs() {
          return List.of();
        }
      };

  /**
   * What was told of one version, by a server that may be away now.
   *
   * @param path {@code apis/G/V}
   * @param url where its OpenAPI v3 document is, path and query; empty where it has none
   * @param swagger its part of the Swagger document, as {@link SwaggerPart} cuts it out; null where
   *     it has none
   */
  record Spec(String path, String url, @Nullable Document swagger) {

    /** Whether the server tells of the version in the older form alone. */
    public boolean onlySwagger() {
      return url.isEmpty() && swagger != null;
    }
  }

  /** Grows whenever {@link #specs} changes. */
  long generation();

  /** What is known, in no particular order. */
  List<Spec> specs();
}
