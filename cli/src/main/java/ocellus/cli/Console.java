package ocellus.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * The program's standard streams.
 *
 * @param in for the image called {@code -}
 * @param out for results; unlike {@link System#out} it reports errors
 * @param err for everything else
 * @param showsProgress whether somebody looks at {@code err} while the results go elsewhere
 */
record Console(InputStream in, OutputStream out, PrintStream err, boolean showsProgress) {
  /** Set by the launcher, which can ask what is a terminal. */
  private static final String PROGRESS_PROPERTY = "ocellus.progress";

  /** What ends a line or moves a terminal's cursor. */
  private static final String BREAKS_LINES = "[\\p{Cntrl}\\u0080-\\u009F\\u2028\\u2029]";

  /** Tells of a mistake or a failure, in one line whatever the names of files hold. */
  void complain(String message) {
    err.println("ocellus: " + message.replaceAll(BREAKS_LINES, "?"));
  }

  static Console system() {
    return new Console(
        System.in,
        new FileOutputStream(FileDescriptor.out),
        System.err,
        Boolean.getBoolean(PROGRESS_PROPERTY));
  }
}
