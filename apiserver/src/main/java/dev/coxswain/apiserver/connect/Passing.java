package dev.coxswain.apiserver.connect;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.http.ByteProtocol;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is done to an answer on its way to the client. */
sealed interface Passing {
  /** Nothing. */
  record AsIs() implements Passing {}

  /**
   * Nothing; but the request says who asks, and redirects are refused.
   *
   * @param host what the other side is called
   * @param headers who asks
   */
  record Identified(String host, List<Map.Entry<String, String>> headers) implements Passing {}

  /**
   * A failure becomes a {@code Status}, about the named object.
   *
   * @param messages how the client has what is no failure as messages; null where it comes as it is
   */
  record Checked(GroupResource resource, String name, @Nullable ByteProtocol messages)
      implements Passing {}

  /** Links lead back to the proxy. */
  record Linked(Links links) implements Passing {}
}
