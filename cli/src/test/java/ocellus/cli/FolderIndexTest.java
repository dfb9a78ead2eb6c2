package ocellus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import ocellus.engine.OcellusException;
import ocellus.loaders.image.ImageException;
import ocellus.models.ImageIndex;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

class FolderIndexTest {
  private static final String CLIP = "../models/src/test/resources/goldens/zero_shot/clip";

  @TempDir private Path folder;
  @TempDir private Path other;
  private Path index;

  @BeforeEach
  void writePictures() throws IOException {
    index = other.resolve("index.safetensors");
    for (int seed = 1; seed <= 3; seed++) {
      Cli.picture(folder, seed + ".png", seed);
    }
  }

  private static ImageIndex.Key key(String vectors) {
    return new ImageIndex.Key(vectors, "this program");
  }

  private FolderIndex folderIndex(OutputStream err, FolderIndex.Storage storage) {
    CommandSpec spec = CommandSpec.create();
    spec.addOption(Options.help()).addOption(Options.verbose());
    new SearchCommand().describe(spec);
    ParseResult args =
        new CommandLine(spec)
            .parseArgs("--model", CLIP, "--threads", "1", folder.toString(), "a cat");
    Console console =
        new Console(
            InputStream.nullInputStream(),
            OutputStream.nullOutputStream(),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);
    return new FolderIndex(args, console, folder, storage);
  }

  private ImageIndex kept() {
    return ImageIndex.open(index, key("a")).orElseThrow();
  }

  private List<String> recordedFailures() {
    try (ImageIndex kept = kept()) {
      return kept.failures().keySet().stream().map(ImageIndex.Entry::name).toList();
    }
  }

  /** What an update of the index did, and what it told. */
  private record Update(ImageIndex index, int code, String told) {}

  private Update update() throws IOException {
    return update(new FolderIndex.Storage(index, true, key("a"), 0));
  }

  private Update update(FolderIndex.Storage storage) throws IOException {
    var err = new ByteArrayOutputStream();
    FolderIndex.Updated done = folderIndex(err, storage).update();
    return new Update(done.index(), done.code(), err.toString(StandardCharsets.UTF_8));
  }

  /** A link to a file that can be opened but not be read: its first page is not mapped. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void failuresThatMayPassAreNotKept() throws IOException {
    Files.createSymbolicLink(folder.resolve("4.png"), Path.of("/proc/self/mem"));
    Files.writeString(folder.resolve("5.png"), "text");
    Update updated = update();
    assertEquals(ExitCode.SOME_FAILED, updated.code);
    assertTrue(updated.told.contains("4.png: cannot be read: "), updated.told);
    assertEquals(List.of("5.png"), recordedFailures());
  }

  /** Both are the same to a program that reads names as UTF-8. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void ofFilesThatLookTheSameOneIsToldAsFailed() throws Exception {
    String copies = "for c in 376 377; do cp -p 1.png \"$(printf \"x\\\\$c.png\")\"; done";
    Process copying =
        new ProcessBuilder("sh", "-c", copies).directory(folder.toFile()).inheritIO().start();
    assertEquals(0, copying.waitFor());
    for (int run = 0; run < 2; run++) {
      Update updated = update();
      assertEquals(ExitCode.SOME_FAILED, updated.code);
      assertEquals(4, updated.index.entries().size());
      assertTrue(updated.told.contains("another file looks the same by name"), updated.told);
      assertEquals(1, updated.told.lines().count(), updated.told);
      updated.index.close();
    }
  }

  @Test
  void onlyDamageLasts() {
    assertFalse(FolderIndex.lasts(new ImageException("4.png", new OutOfMemoryError())));
    assertFalse(FolderIndex.lasts(new ImageException("4.png", new IOException())));
    assertTrue(FolderIndex.lasts(new ImageException("4.png", new DataFormatException())));
    assertTrue(FolderIndex.lasts(new ImageException("4.png")));
  }

  @Test
  void picturesThatTheModelCannotTakeAreKeptAsFailures() throws IOException {
    byte[] header = "P5 1000000 1 255\n".getBytes(StandardCharsets.US_ASCII);
    Files.write(folder.resolve("4.pgm"), Arrays.copyOf(header, header.length + 1_000_000));
    Update first = update();
    assertEquals(ExitCode.SOME_FAILED, first.code);
    assertTrue(first.told.contains("too elongated"), first.told);
    assertEquals(List.of("4.pgm"), recordedFailures());
    Update second = update();
    assertEquals(ExitCode.SOME_FAILED, second.code);
    assertEquals(first.told, second.told);
    second.index.close();
  }

  @Test
  void anInterruptedUpdateIsGoneOnWith() throws IOException {
    Files.writeString(folder.resolve("4.png"), "text");
    Cli.picture(folder, "5.png", 5);
    FolderIndex.Storage atOnce = new FolderIndex.Storage(index, true, key("a"), 0);
    OutputStream gone =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new IllegalStateException("as if the process had ended");
          }
        };
    assertThrows(IllegalStateException.class, () -> folderIndex(gone, atOnce).update());
    List<String> done;
    try (ImageIndex kept = kept()) {
      done = kept.entries().stream().map(ImageIndex.Entry::name).toList();
    }
    assertEquals("1.png", done.getFirst()); // how many more depends on how long writing takes
    for (String name : done) { // only the others are read now: these cannot be
      FileTime time = Files.getLastModifiedTime(folder.resolve(name));
      Files.write(folder.resolve(name), new byte[(int) Files.size(folder.resolve(name))]);
      Files.setLastModifiedTime(folder.resolve(name), time);
    }
    Update updated = update(atOnce);
    assertEquals(4, updated.index.entries().size());
    assertEquals(1, updated.index.failures().size());
  }

  @Test
  void anotherProgramReadsWhatThisOneCouldNot() throws IOException {
    Files.writeString(folder.resolve("4.png"), "text");
    update();
    try (ImageIndex same = kept();
        ImageIndex other = ImageIndex.open(index, new ImageIndex.Key("a", "later")).orElseThrow()) {
      assertEquals(1, same.failures().size());
      assertEquals(0, other.failures().size());
      assertEquals(3, other.entries().size());
    }
  }

  @Test
  void aDamagedIndexThatTheUserDidNotNameIsMadeAnew() throws IOException {
    update();
    byte[] bytes = Files.readAllBytes(index);
    Files.write(index, Arrays.copyOf(bytes, bytes.length - 5));
    Update anew = update(new FolderIndex.Storage(index, false, key("a"), 0));
    assertEquals(3, anew.index.entries().size());
    assertTrue(anew.told.contains("truncated") && anew.told.contains("made anew"), anew.told);
    try (ImageIndex kept = kept()) {
      assertEquals(3, kept.entries().size());
    }
  }

  @Test
  void linesThatAreNoneAreDamage() throws IOException {
    update();
    String text = Files.readString(index, StandardCharsets.ISO_8859_1);
    Files.writeString(index, text.replace(" 1.png", "_1.png"), StandardCharsets.ISO_8859_1);
    OcellusException e = assertThrows(OcellusException.class, this::kept);
    assertTrue(e.getMessage().contains("the index is damaged; delete it"), e.getMessage());
  }
}
