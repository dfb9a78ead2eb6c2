package ocellus.loaders.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Files of the test resources, and the checksums that the reference scripts wrote for them. */
public final class Checksums {
  /** A line of a checksum file: what was hashed, and the SHA-256, or "refused". */
  public record Line(String checksum, String name) {
    static final String REFUSED = "refused";

    @Override
    public String toString() {
      return name;
    }
  }

  private Checksums() {}

  /** The lines {@code checksum name} of a resource. */
  public static List<Line> read(String resource) {
    List<Line> lines = new ArrayList<>();
    for (String line : new String(bytes(resource), StandardCharsets.UTF_8).lines().toList()) {
      int space = line.indexOf(' ');
      lines.add(new Line(line.substring(0, space), line.substring(space + 1)));
    }
    return lines;
  }

  /** The files in an archive, by name, in its order. */
  public static Map<String, byte[]> archive(String resource) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (var in = new ZipInputStream(new ByteArrayInputStream(bytes(resource)))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        files.put(entry.getName(), in.readAllBytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  public static byte[] bytes(String resource) {
    try (InputStream in = Checksums.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("no test resource " + resource);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static String sha256(byte[] data) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
