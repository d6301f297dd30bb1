package dev.coxswain.store.metrics;

import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What operators may look at over HTTP, by its path; the same on every port that shows it. */
public final class Pages {
  private static final Logger LOG = LoggerFactory.getLogger(Pages.class);

  private final Map<String, Supplier<Page>> pages;

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

  /** Pages by their absolute paths, each made when it is asked for. */
  public Pages(Map<String, Supplier<Page>> pages) {
    this.pages = Map.copyOf(pages);
  }

  /** What is shown at a path: what was not found and what failed are pages, too. */
  public Page at(String path) {
    Supplier<Page> page = pages.get(path);
    if (page == null) {
      return Page.plain(404, "404 page not found\n");
    }
    try {
      return page.get();
    } catch (RuntimeException failure) {
      LOG.error("{} cannot be shown", path, failure);
      return Page.plain(500, "internal error\n");
    }
  }
}
