package dev.coxswain.apiserver.discovery;

import java.util.Optional;

/** Documents by path. */
@FunctionalInterface
public interface Documents {
  /**
   * The document at a path; empty where there is none.
   *
   * @param path the path, without a slash at its end and without a query
   * @param accept the request's Accept header; empty if it has none
   */
  Optional<Document> document(String path, String accept);

  /**
   * By what an index tells a document's present content from what it was before; empty for a
   * document that no index names so.
   *
   * @param path the document's path
   */
  default Optional<String> content(String path) {
    return Optional.empty();
  }
}
