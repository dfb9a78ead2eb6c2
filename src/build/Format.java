import com.google.googlejavaformat.java.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks, or with {@code write} rewrites, every Java source of the project with google-java-format.
 *
 * <p>Run by Maven from the root of the project (see pom.xml, execution {@code format}).
 */
final class Format {
  private static final List<String> SOURCES =
      List.of("engine/src", "loaders/src", "models/src", "cli/src", "bench/src", "src/build");

  public static void main(String[] args) throws Exception {
    boolean write = args.length == 1 && args[0].equals("write");
    List<String> command = new ArrayList<>();
    command.addAll(write ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    for (String root : SOURCES) {
      command.addAll(javaFilesBelow(Path.of(root)));
    }
    var out = new PrintWriter(System.out, true);
    var err = new PrintWriter(System.err, true);
    int status = new Main(out, err, System.in).format(command.toArray(String[]::new));
    if (status != 0 && !write) {
      err.println("The files above are not formatted: mvn -N initialize -Dformat=write");
    }
    System.exit(status);
  }

  private static List<String> javaFilesBelow(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(root)) {
      return files.map(Path::toString).filter(f -> f.endsWith(".java")).sorted().toList();
    }
  }

  private Format() {}
}
