package ocellus.loaders.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import ocellus.engine.OcellusException;
import ocellus.engine.Tensor;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.image.Checksums;
import ocellus.loaders.image.Crop;
import ocellus.loaders.image.EncodedImage;
import ocellus.loaders.image.Filter;
import ocellus.loaders.image.ImageException;
import ocellus.loaders.image.ImageInfo;
import ocellus.loaders.image.ImageOptions;
import ocellus.loaders.image.Images;
import ocellus.loaders.image.Preprocessing;
import ocellus.loaders.image.Preprocessor;
import ocellus.loaders.image.Resize;
import ocellus.loaders.image.RgbImage;
import ocellus.loaders.json.JsonObject;
import ocellus.loaders.safetensors.SafetensorsFile;
import ocellus.loaders.safetensors.TensorInfo;
import ocellus.loaders.tokenizer.Tokenizer;

/** A reader of files from anywhere, with sound files to start from. */
enum Target {
  JPEG(false),
  PNG(false),
  BMP(false),
  GIF(false),
  PNM(false),
  TIFF(false),
  ICO(false),
  PSD(false),
  WEBP(false),
  /** An EXIF block. */
  EXIF(false),
  SAFETENSORS(true),
  JSON(true),
  /** A checkpoint's two configuration files, a zero byte between them. */
  CONFIG(true),
  /** CLIP's merges. */
  MERGES(true),
  /** Gemma's vocabulary. */
  TOKENIZER_JSON(true),
  /** A model of SentencePiece. */
  SENTENCE_PIECE(false);

  /** Keeps decoding of the largest pictures that are accepted to some milliseconds. */
  private static final ImageOptions SMALL = new ImageOptions(false, 250_000);

  private static final Set<Target> PICTURES = EnumSet.range(JPEG, WEBP);

  /** Takes the middle of any picture, so that some of it is not needed. */
  private static final Preprocessing CROPPED =
      new Preprocessing(
          new Resize.Exact(24, 24),
          Filter.BICUBIC,
          new Crop.Center(9, 13, Crop.Rounding.TORCHVISION, 0),
          Preprocessing.UNIT_RANGE,
          0,
          Preprocessing.IMAGENET_MEAN,
          Preprocessing.IMAGENET_STD);

  private static final String PNG_HEAD = "\u0089PNG\r\n\u001a\n";

  private static final String CLIP_VOCABULARY =
      "{\"a\": 0, \"b\": 1, \"c</w>\": 2, \"ab\": 3, \"abc</w>\": 4, \"<|startoftext|>\": 5,"
          + " \"<|endoftext|>\": 6}";

  private static final String GEMMA =
      "{\"added_tokens\": [{\"id\": 1, \"content\": \"<eos>\", \"lstrip\": true, \"rstrip\": false,"
          + " \"single_word\": false, \"normalized\": false, \"special\": true}],"
          + " \"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [{\"Sequence\":"
          + " {\"id\": \"A\"}}, {\"SpecialToken\": {\"id\": \"<eos>\"}}]}, \"model\": {\"type\":"
          + " \"BPE\", \"vocab\": {\"<pad>\": 0, \"<eos>\": 1, \"<bos>\": 2, \"<unk>\": 3, \"a\":"
          + " 4, \"b\": 5, \"ab\": 6, \"<0xC3>\": 7, \"<0xA9>\": 8}, \"merges\": [[\"a\","
          + " \"b\"]]}}";

  /** Seven pieces, and a map of characters with one entry. */
  private static final String PIECES =
      "Cg4KBTxwYWQ+FQAAAAAYAwoNCgQ8L3M+FQAAAAAYAwoOCgU8dW5rPhUAAAAAGAIKDAoD4paBFQAAQMAY"
          + "AQoNCgTiloFhFQAAgL8YAQoKCgFiFQAAAMAYAQoLCgLDqRUAAIDAGAEaFBISDAAAAACIAQBjDQAAAAAA"
          + "gGIA";

  private final boolean text;

  Target(boolean text) {
    this.text = text;
  }

  Mutator mutator(long seed) {
    return new Mutator(seed, seeds(), text);
  }

  private List<byte[]> seeds() {
    return switch (this) {
      case JPEG -> images("/images/small.sha256", "/images/", ".jpg");
      case PNG -> {
        List<byte[]> seeds = new ArrayList<>(images("/images/small.sha256", "/images/", ".png"));
        seeds.addAll(images("/png/stored.sha256", "/png/", ".png"));
        yield seeds;
      }
      case BMP -> images("/images/small.sha256", "/images/", ".bmp");
      case GIF -> images("/images/small.sha256", "/images/", ".gif");
      case PNM -> images("/pnm/pnm.sha256", "/pnm/", "m");
      case TIFF -> archived("/images/containers.zip", ".tif");
      case ICO -> archived("/images/containers.zip", ".ico");
      case PSD -> archived("/images/containers.zip", ".psd");
      case WEBP -> archived("/images/webp.zip", ".webp");
      case EXIF ->
          images("/png/upright.sha256", "/png/", ".png").stream()
              .filter(file -> indexOf(file, "eXIf") >= 0)
              .map(Target::exifBlock)
              .toList();
      case SAFETENSORS ->
          Stream.of(
                  "{}",
                  "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}",
                  "{\"__metadata__\":{\"format\":\"pt\"},\"b\":{\"dtype\":\"BF16\",\"shape\":[4,2],"
                      + "\"data_offsets\":[0,16]},\"c\":{\"dtype\":\"F64\",\"shape\":[],"
                      + "\"data_offsets\":[16,24]}}")
              .map(header -> withLength((header + "-".repeat(24)).getBytes(UTF_8), header.length()))
              .toList();
      case CONFIG -> configurations();
      case MERGES -> List.of("#version: 0.2\na b\nab c</w>\n".getBytes(UTF_8));
      case TOKENIZER_JSON -> List.of(GEMMA.getBytes(UTF_8));
      case SENTENCE_PIECE -> List.of(Base64.getDecoder().decode(PIECES));
      case JSON ->
          configurations().stream().map(both -> slice(both, 0, configLength(both))).toList();
    };
  }

  private static List<byte[]> images(String checksums, String folder, String suffix) {
    return Checksums.read(checksums).stream()
        .filter(line -> line.name().endsWith(suffix))
        .map(line -> Checksums.bytes(folder + line.name()))
        .toList();
  }

  private static List<byte[]> archived(String archive, String suffix) {
    return Checksums.archive(archive).entrySet().stream()
        .filter(entry -> entry.getKey().endsWith(suffix))
        .map(Map.Entry::getValue)
        .toList();
  }

  private static int indexOf(byte[] file, String text) {
    return new String(file, ISO_8859_1).indexOf(text);
  }

  private static byte[] exifBlock(byte[] png) {
    int at = indexOf(png, "eXIf");
    byte[] block = new byte[ByteBuffer.wrap(png).getInt(at - 4)];
    System.arraycopy(png, at + 4, block, 0, block.length);
    return block;
  }

  private static byte[] withLength(byte[] rest, long header) {
    return ByteBuffer.allocate(8 + rest.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header)
        .put(rest)
        .array();
  }

  private static List<byte[]> configurations() {
    List<byte[]> seeds = new ArrayList<>();
    for (Checksums.Line line : Checksums.read("/configs/preprocessing.sha256")) {
      String folder = "/configs/" + line.name().substring(line.name().indexOf(' ') + 1);
      if (Target.class.getResource(folder + "/config.json") != null) {
        byte[] config = Checksums.bytes(folder + "/config.json");
        boolean both = Target.class.getResource(folder + "/preprocessor_config.json") != null;
        byte[] processor =
            both ? Checksums.bytes(folder + "/preprocessor_config.json") : new byte[0];
        byte[] seed = new byte[config.length + 1 + processor.length];
        System.arraycopy(config, 0, seed, 0, config.length);
        System.arraycopy(processor, 0, seed, config.length + 1, processor.length);
        seeds.add(seed);
      }
    }
    return seeds;
  }

  /** Makes right in a mutant what would else keep nearly all of them from being looked at. */
  void repair(byte[] mutant) {
    if (this == PNG) {
      for (long at = 8; at + 12 <= mutant.length; ) {
        long length = ByteBuffer.wrap(mutant).getInt((int) at) & 0xffffffffL;
        if (at + 12 + length > mutant.length) {
          return;
        }
        writeChecksum(mutant, (int) at, (int) length);
        at += 12 + length;
      }
    } else if (this == SAFETENSORS) {
      for (int i = mutant.length - 1; i >= 8; i--) {
        if (mutant[i] == '}') {
          ByteBuffer.wrap(mutant).order(ByteOrder.LITTLE_ENDIAN).putLong(0, i - 7L);
          return;
        }
      }
    }
  }

  private static void writeChecksum(byte[] png, int chunk, int length) {
    var crc = new CRC32();
    crc.update(png, chunk + 4, 4 + length);
    ByteBuffer.wrap(png).putInt(chunk + 8 + length, (int) crc.getValue());
  }

  /**
   * Reads a file, all of it.
   *
   * @param folder for files that have to be on the disk
   * @throws OcellusException if the file cannot be read: what is expected of any bytes
   */
  void read(byte[] file, Path folder) {
    switch (this) {
      case EXIF -> {
        var png = ByteBuffer.allocate(8 + 25 + 12 + file.length);
        png.put(PNG_HEAD.getBytes(ISO_8859_1)).putInt(13).put("IHDR".getBytes(ISO_8859_1));
        png.putInt(1).putInt(1).put(new byte[] {8, 2, 0, 0, 0}).putInt(0);
        png.putInt(file.length).put("eXIf".getBytes(ISO_8859_1)).put(file).putInt(0);
        writeChecksum(png.array(), 8, 13);
        Images.info(png.array(), "exif");
      }
      case JPEG, PNG, BMP, GIF, PNM, TIFF, ICO, PSD, WEBP -> readImage(file);
      case SAFETENSORS -> {
        try (var tensors = SafetensorsFile.of("mutant", file)) {
          for (TensorInfo tensor : tensors.tensors()) {
            int count = (int) tensor.shape().size();
            tensors.read(tensor.name(), 0, new float[count], 0, count);
          }
        }
      }
      case JSON -> {
        JsonObject object = JsonObject.parse("mutant", file);
        object.keys().forEach(object::raw);
      }
      case CONFIG -> readCheckpoint(file, folder);
      case MERGES -> {
        write(folder.resolve("clip"), "vocab.json", CLIP_VOCABULARY.getBytes(UTF_8));
        readTokenizer(folder, "clip", "merges.txt", file);
      }
      case TOKENIZER_JSON -> readTokenizer(folder, "siglip2", "tokenizer.json", file);
      case SENTENCE_PIECE -> readTokenizer(folder, "siglip", "spiece.model", file);
    }
  }

  private static void readImage(byte[] file) {
    RgbImage image = Images.decode(file, "mutant", SMALL);
    ImageInfo info = Images.info(file, "mutant");
    boolean turned = info.orientation().swapsEdges();
    if (image.width() != (turned ? info.height() : info.width())) {
      throw new IllegalStateException(image + " is not what was announced: " + info);
    }
  }

  /**
   * Reads a picture once more, of which only a part is needed.
   *
   * @throws IllegalStateException if that gives other pixels than the whole, or refuses it
   *     otherwise
   */
  void compare(byte[] file) {
    if (!PICTURES.contains(this)) {
      return;
    }
    var cropped = new Preprocessor(CROPPED);
    Tensor part = Tensor.zeros(CROPPED.height(), CROPPED.width(), RgbImage.CHANNELS);
    EncodedImage image = EncodedImage.of("mutant", () -> file, SMALL);
    String refusal = refusal(() -> cropped.apply(cropped.decode(image), part));
    Tensor whole = Tensor.zeros(CROPPED.height(), CROPPED.width(), RgbImage.CHANNELS);
    String ofWhole = refusal(() -> cropped.apply(Images.decode(file, "mutant", SMALL), whole));
    if (!refusal.equals(ofWhole) || !Arrays.equals(part.data(), whole.data())) {
      throw new IllegalStateException("a part: '" + refusal + "', the whole: '" + ofWhole + "'");
    }
  }

  /** Why a picture is refused; nothing if it is read. */
  private static String refusal(Runnable reads) {
    try {
      reads.run();
      return "";
    } catch (ImageException e) {
      return e.getMessage();
    }
  }

  private static void write(Path folder, String name, byte[] file) {
    try {
      Files.createDirectories(folder);
      Files.write(folder.resolve(name), file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void readTokenizer(Path folder, String type, String name, byte[] file) {
    Path own = folder.resolve(type);
    write(own, "config.json", ("{\"model_type\": \"" + type + "\"}").getBytes(UTF_8));
    write(own, name, file);
    Tokenizer tokenizer = Tokenizer.load(own);
    for (int id : tokenizer.encode("a abc \u00e9 <eos>").ids()) {
      if (id < 0 || id >= tokenizer.vocabularySize()) {
        throw new IllegalStateException(id + " is not in the vocabulary");
      }
    }
  }

  private static void readCheckpoint(byte[] file, Path folder) {
    int end = configLength(file);
    write(folder, "config.json", slice(file, 0, end));
    write(
        folder,
        "preprocessor_config.json",
        slice(file, Math.min(end + 1, file.length), file.length));
    write(folder, "model.safetensors", withLength("{}".getBytes(UTF_8), 2));
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      checkpoint.labels();
      checkpoint.license();
      Preprocessing preprocessing = checkpoint.preprocessing();
      if ((long) preprocessing.height() * preprocessing.width() <= SMALL.maxPixels()) {
        new Preprocessor(preprocessing).apply(RgbImage.of(3, 2, new byte[18]));
      }
    }
  }

  /** Where the first of two configuration files ends. */
  private static int configLength(byte[] both) {
    int end = 0;
    while (end < both.length && both[end] != 0) {
      end++;
    }
    return end;
  }

  private static byte[] slice(byte[] bytes, int from, int to) {
    return Arrays.copyOfRange(bytes, from, to);
  }
}
