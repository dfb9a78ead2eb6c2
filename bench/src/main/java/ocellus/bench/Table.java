package ocellus.bench;

import java.io.PrintStream;

/** A table that appears row by row, aligned for reading or as Markdown. */
final class Table {
  private static final int LEAST_WIDTH = 8;

  private final PrintStream out;
  private final boolean markdown;
  private final int firstWidth;
  private final String[] heads;

  static Table markdown(PrintStream out, String... heads) {
    return new Table(out, true, 0, heads);
  }

  /**
   * @param firstWidth characters of the first column where it is aligned
   */
  Table(PrintStream out, boolean markdown, int firstWidth, String... heads) {
    this.out = out;
    this.markdown = markdown;
    this.firstWidth = firstWidth;
    this.heads = heads.clone();
    row(heads);
    if (markdown) {
      out.println("|---" + "|---:".repeat(heads.length - 1) + "|");
    }
  }

  /** Prints a row, at once. */
  void row(String... cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < heads.length; i++) {
      if (markdown) {
        line.append("| ").append(cells[i]).append(i == heads.length - 1 ? " |" : " ");
      } else if (i == 0) {
        line.append(("%-" + firstWidth + "s").formatted(cells[i]));
      } else {
        int width = 2 + Math.max(LEAST_WIDTH, heads[i].length());
        line.append(("%" + width + "s").formatted(cells[i]));
      }
    }
    out.println(line);
    out.flush();
  }
}
