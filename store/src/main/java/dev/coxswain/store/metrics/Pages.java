package dev.coxswain.store.metrics;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What operators may look at over HTTP, by its path; the same on every port that shows it. */
public final class Pages {
  private static final Logger LOG = LoggerFactory.getLogger(Pages.class);

  private final Map<String, Content> pages;

  /** A page: its status, its type and its text. */
  public record Page(int status, String type, String text) {
    /** A JSON page. */
    public static Page json(int status, String text) {
      return new Page(status, "application/json", text);
    }

    /** A plain page. */
    public static Page plain(int status, String text) {
      return new Page(status, "text/plain; version=0.0.4; charset=utf-8", text);
    }
  }

  /** What a page says to who asks with such a query. */
  @FunctionalInterface
  public interface Content {
    /** Makes the page. */
    Page page(Map<String, List<String>> query);
  }

  /** Pages by their absolute paths, each made when it is asked for. */
  public Pages(Map<String, Content> pages) {
    this.pages = Map.copyOf(pages);
  }

  /** What is shown at a path with its query: what was not found and what failed are pages, too. */
  public Page at(String uri) {
    QueryStringDecoder asked = new QueryStringDecoder(uri);
    Content content = pages.get(asked.rawPath());
    if (content == null) {
      return Page.plain(404, "404 page not found\n");
    }
    Map<String, List<String>> query;
    try {
      query = asked.parameters();
    } catch (IllegalArgumentException unreadable) {
      return Page.plain(400, "400 Bad Request\n");
    }
    try {
      return content.page(query);
    } catch (RuntimeException failure) {
      LOG.error("{} cannot be shown", asked.rawPath(), failure);
      return Page.plain(500, "internal error\n");
    }
  }
}
