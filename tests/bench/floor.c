/* The least that a list of environments can cost: reads a directory, and the pyvenv.cfg of everything in it, once. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int count, char **words) {
  static char content[65536];
  char path[4096];
  long bytes = 0;
  DIR *directory = count > 1 ? opendir(words[1]) : NULL;
  if (directory == NULL) {
    return 1;
  }
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    snprintf(path, sizeof path, "%s/pyvenv.cfg", entry->d_name);
    int file = entry->d_name[0] == '.' ? -1 : openat(dirfd(directory), path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
      continue;
    }
    ssize_t length = read(file, content, sizeof content);
    bytes += length > 0 ? length : 0;
    close(file);
  }
  printf("%ld\n", bytes);
  return 0;
}
