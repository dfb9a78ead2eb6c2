package ocellus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import ocellus.engine.OcellusException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class DestinationTest {
  @TempDir private Path folder;

  private static void refused(Path file, String reason, Executable check) {
    OcellusException e = assertThrows(OcellusException.class, check);
    assertEquals(file + ": cannot be written: " + reason, e.getMessage());
  }

  @Test
  void whatCannotBeWrittenIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "kept");
    Path inside = text.resolve("a.npy");
    Path absent = folder.resolve("absent/a.npy");
    String isFolder = "it is a folder; name a file";
    String isFile = "what should be its folder is a file; name another";
    String isAbsent = "its folder is not there; make it";
    refused(folder, isFolder, () -> Destination.requireWritable(folder));
    refused(folder, isFolder, () -> Destination.requireReplaceable(folder));
    refused(inside, isFile, () -> Destination.requireWritable(inside));
    refused(inside, isFile, () -> Destination.requireReplaceable(inside));
    refused(absent, isAbsent, () -> Destination.requireWritable(absent));
    refused(absent, isAbsent, () -> Destination.requireReplaceable(absent));
    assertEquals("kept", Files.readString(text));
  }

  @Test
  void nothingIsChangedByLooking() throws IOException {
    Path held = Files.writeString(folder.resolve("held"), "kept");
    Path absent = folder.resolve("absent");
    for (Path file : new Path[] {held, absent, Path.of("no-such-file-here")}) {
      Destination.requireWritable(file);
      Destination.requireReplaceable(file);
    }
    assertEquals("kept", Files.readString(held));
    assertFalse(Files.exists(absent));
  }

  /** A file may be written in a folder that no other can be made in, and the other way round. */
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void permissionsThatAreLackingAreTold() throws IOException {
    Path closed = Files.createDirectory(folder.resolve("closed"));
    Path open = Files.writeString(closed.resolve("open"), "kept");
    Path absent = closed.resolve("absent");
    Path shut = Files.writeString(folder.resolve("shut"), "kept");
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    Files.setPosixFilePermissions(shut, PosixFilePermissions.fromString("r--r--r--"));
    try {
      assumeFalse(Files.isWritable(closed), "this user may write everywhere");
      String folderShut = "its folder may not be written to; name another file";
      refused(absent, folderShut, () -> Destination.requireWritable(absent));
      refused(open, folderShut, () -> Destination.requireReplaceable(open));
      refused(
          shut,
          "it may not be written to; name another file",
          () -> Destination.requireWritable(shut));
      Destination.requireWritable(open);
      Destination.requireReplaceable(shut);
    } finally {
      Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void devicesAndLinksToNothingMayBeWritten() throws IOException {
    Destination.requireWritable(Path.of("/dev/null"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("later"));
    Destination.requireWritable(link);
    Destination.requireReplaceable(link);
  }
}
