package ocellus.loaders.image.jpeg;

import java.util.ArrayList;
import java.util.List;
import ocellus.loaders.image.jpeg.JpegFile.Part;

/** Reads a file's segments, from scan to scan. Not thread-safe. */
final class Segments {
  private static final int END_OF_IMAGE = 0xd9;
  private static final int START_OF_SCAN = 0xda;
  private static final int JFIF_BYTES = 14;
  private static final int ADOBE_TRANSFORM = 11;
  private static final int UNKNOWN = -1;

  final Input input;
  final Tables tables = new Tables();
  private final List<Part> metadata = new ArrayList<>();

  /** What three components are, or null where the file is to tell. */
  private final ColorSpace told;

  private Frame frame;
  private boolean jfif;
  private int adobeTransform = UNKNOWN;
  private boolean inHeader = true;

  Segments(byte[] file, ColorSpace told) {
    this.told = told;
    input = new Input(file, 2); // behind the start of the image
  }

  /**
   * Goes to the header of the next scan.
   *
   * @return false at the end of the image
   */
  boolean nextScan() throws JpegException {
    while (true) {
      if (input.marker == 0) {
        input.nextMarker();
      }
      int marker = input.marker;
      input.marker = 0;
      if (marker == START_OF_SCAN) {
        if (frame == null) {
          throw new JpegException("its first scan comes before its frame header");
        }
        inHeader = false;
        return true;
      } else if (marker == END_OF_IMAGE) {
        if (inHeader) {
          throw new JpegException("it ends before its first scan");
        }
        return false;
      }
      read(marker);
    }
  }

  private void read(int marker) throws JpegException {
    switch (marker) {
      case 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7 -> {
        // A restart marker that belongs to nothing.
      }
      case 0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf -> {
        if (frame != null) {
          throw new JpegException("it has two frame headers");
        }
        frame = Frame.read(marker, input);
      }
      case 0xc4 -> tables.readHuffman(input);
      case 0xcc -> tables.readConditioning(input);
      case 0xdb -> tables.readQuantisation(input);
      case 0xdd -> tables.readRestartInterval(input);
      case 0xdc, 0xfe -> skip();
      default -> {
        if ((marker & 0xf0) == 0xe0) {
          application(marker, skip());
        } else if (marker != 0x01 || inHeader) {
          throw new JpegException("marker ff%02x does not belong there".formatted(marker));
        }
      }
    }
  }

  /** Passes a segment. */
  private Part skip() throws JpegException {
    int length = Math.max(0, input.u16() - 2);
    Part part = new Part(input.position, length);
    input.skip(length);
    return part;
  }

  private void application(int marker, Part part) {
    if (marker == 0xe0) {
      jfif |= starts(part, "JFIF\0") && part.length() >= JFIF_BYTES;
    } else if (marker == 0xe1 && inHeader) {
      metadata.add(part);
    } else if (marker == 0xee && starts(part, "Adobe") && part.length() > ADOBE_TRANSFORM) {
      adobeTransform = input.data[part.start() + ADOBE_TRANSFORM] & 0xff;
    }
  }

  private boolean starts(Part part, String text) {
    if (part.length() < text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (input.data[part.start() + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  Frame frame() {
    return frame;
  }

  /** The APP1 segments before the first scan. */
  List<Part> metadata() {
    return metadata;
  }

  /** The rules of libjpeg, which trusts JFIF, then Adobe's marker, then names of components. */
  ColorSpace colorSpace() {
    boolean adobe = adobeTransform != UNKNOWN;
    return switch (frame.components.length) {
      case 1 -> ColorSpace.GREY;
      case 3 -> {
        if (told != null) {
          yield told;
        }
        boolean rgb = adobe ? adobeTransform == 0 : componentsAreNamed("RGB");
        yield rgb && !jfif ? ColorSpace.RGB : ColorSpace.YCBCR;
      }
      default -> adobe && adobeTransform != 0 ? ColorSpace.YCCK : ColorSpace.CMYK;
    };
  }

  private boolean componentsAreNamed(String names) {
    for (Component component : frame.components) {
      if (component.id != names.charAt(component.index)) {
        return false;
      }
    }
    return true;
  }
}
