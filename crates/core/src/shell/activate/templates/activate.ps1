# Enters this environment. Dot-source it from PowerShell: . bin/activate.ps1

# An environment that was moved is found where its script is. Its other scripts still name the old place.
$_venvwrap_place = __VENVWRAP_ENV__
if (-not (Test-Path -LiteralPath $_venvwrap_place -PathType Container)) {
    [Console]::Error.WriteLine("the environment is no longer ${_venvwrap_place}: 'venvwrap repair' mends what still names it")
    $_venvwrap_place = if ($PSScriptRoot) { Split-Path -Parent $PSScriptRoot }
    if (-not $_venvwrap_place -or -not (Test-Path -LiteralPath ($_venvwrap_place + '/pyvenv.cfg') -PathType Leaf)) {
        Remove-Variable -Name _venvwrap_place
        return
    }
}

function global:deactivate([switch] $NonDestructive) {
    if (Test-Path -LiteralPath variable:global:_OLD_VIRTUAL_PATH) {
        $env:PATH = $global:_OLD_VIRTUAL_PATH
        Remove-Variable -Name _OLD_VIRTUAL_PATH -Scope global
    }
    if (Test-Path -LiteralPath variable:global:_OLD_VIRTUAL_PYTHONHOME) {
        $env:PYTHONHOME = $global:_OLD_VIRTUAL_PYTHONHOME
        Remove-Variable -Name _OLD_VIRTUAL_PYTHONHOME -Scope global
    }
    if (Test-Path -LiteralPath function:_old_virtual_prompt) {
        Set-Item -LiteralPath function:global:prompt -Value $function:_old_virtual_prompt
        Remove-Item -LiteralPath function:_old_virtual_prompt
    }
    if (Test-Path -LiteralPath function:pydoc) {
        Remove-Item -LiteralPath function:pydoc
    }
    foreach ($name in 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT') {
        if (Test-Path -LiteralPath "env:$name") {
            Remove-Item -LiteralPath "env:$name"
        }
    }
    # In some tools' scripts it is a bare word.
    if (-not $NonDestructive -and $args -notcontains 'nondestructive') {
        Remove-Item -LiteralPath function:deactivate
    }
}

# Leaves the environment that is active here.
deactivate -NonDestructive

$env:VIRTUAL_ENV = __VENVWRAP_ENV__
$env:VIRTUAL_ENV_PROMPT = __VENVWRAP_PROMPT__
# Who reads the line above sees for which place this script was made.
Set-Item -LiteralPath env:VIRTUAL_ENV -Value $_venvwrap_place
Remove-Variable -Name _venvwrap_place

$global:_OLD_VIRTUAL_PATH = $env:PATH
$env:PATH = $env:VIRTUAL_ENV + '/bin' + [System.IO.Path]::PathSeparator + $env:PATH

if (Test-Path -LiteralPath env:PYTHONHOME) {
    $global:_OLD_VIRTUAL_PYTHONHOME = $env:PYTHONHOME
    Remove-Item -LiteralPath env:PYTHONHOME
}

# The program of this name on PATH may belong to another Python.
function global:pydoc { python -m pydoc @args }

if (-not $env:VIRTUAL_ENV_DISABLE_PROMPT) {
    if (Test-Path -LiteralPath function:prompt) {
        function global:_old_virtual_prompt { '' }
        Set-Item -LiteralPath function:global:_old_virtual_prompt -Value $function:prompt
        function global:prompt {
            # The old prompt may look at the status of the last command: it comes first.
            $drawn = _old_virtual_prompt
            '(' + $env:VIRTUAL_ENV_PROMPT + ') ' + (-join $drawn)
        }
    }
}
